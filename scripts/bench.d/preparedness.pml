/*
 * The preparedness benchmark in Promela, for SPIN: spin -a -DN=5 preparedness.pml. One transition a step of the design's
 * oracle sheet, and the same states: place of each process, the branch it took while that matters, shared words, V.
 *
 * Nothing here makes a state that the sheet does not have: the branch on `flag` is a place and no variable, a process
 * that is done stays (a process that SPIN deletes would be one more step), and identities come from _pid.
 */
#ifndef N
#define N 2
#endif

short lock = 0;     /* readers, or -1 for a writer */
bit flag = 0;
bit rmp = 0;
short content = -1; /* residue; 0: zero; else who wrote last */
byte V = 0;         /* 1: assigned twice; 2: read zero; 4: read residue */

active [N] proctype fault()
{
  d_step { lock >= 0 -> lock++ };
  if
  :: flag == 1 -> goto mapped
  :: flag == 0
  fi;
  content = 0;
  d_step {
    if
    :: rmp == 1 -> V = V | 1
    :: else
    fi;
    rmp = 1
  };
  flag = 1;
mapped:
  lock--;
  content = _pid + 1;
  d_step {
    if
    :: content == 0 -> V = V | 2
    :: content == -1 -> V = V | 4
    :: else
    fi
  };
end:
  false
}

active proctype convert()
{
  d_step { lock == 0 -> lock = -1 };
  rmp = 0;
  flag = 0;
  lock = 0;
end:
  false
}
