# What a vCPU of gmemtest does, from its first record on: %esi is the record, %edi how many there are, %ebp the pause between two.
# A record is 32 bytes: 0 time before, 8 time behind, 16 address, 20 whether it writes, 24 what was found, 28 what to write.
    .code32
    .globl _start
_start:
    rdtsc
    movl %eax, (%esi)
    movl %edx, 4(%esi)
    movl 16(%esi), %ebx
    movl (%ebx), %ecx
    movl %ecx, 24(%esi)
    cmpl $0, 20(%esi)
    je behind
    movl 28(%esi), %eax
    movl %eax, (%ebx)
behind:
    rdtsc
    movl %eax, 8(%esi)
    movl %edx, 12(%esi)
    movl %ebp, %ecx
    jecxz next
pause:
    decl %ecx
    jnz pause
next:
    addl $32, %esi
    decl %edi
    jnz _start
    outb %al, $0x10
    hlt
