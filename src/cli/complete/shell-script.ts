/**
 * The script for a shell. Imported by `complete` when it is asked for one.
 */

import { script } from '@bomb.sh/tab';

const PROGRAM = 'faultline';

/** How the library's script for bash hands on what could come next, which knows of no value behind "=". */
const PLAIN_REPLY = `    COMPREPLY=( $(compgen -W "\${completions[*]}" -- "$cur") )`;

/**
 * The same where a value may stand behind its option. We name values alone; bash has asked for the whole word, and puts what
 * it is told behind the last character of COMP_WORDBREAKS in it, or in its place where there is none.
 */
const REPLY = `    local option="" value="$cur"
    if [[ "$cur" == -*=* ]]; then
        option="\${cur%%=*}="
        value="\${cur#*=}"
    fi
    COMPREPLY=( $(compgen -P "$option" -W "\${completions[*]}" -- "$value") )
    local breaks="" each
    for each in "=" ":"; do
        if [[ "$COMP_WORDBREAKS" == *"$each"* ]]; then breaks+="$each"; fi
    done
    if [[ -n "$breaks" && "$cur" == *["$breaks"]* ]]; then
        local kept="\${cur%"\${cur##*["$breaks"]}"}"
        COMPREPLY=( "\${COMPREPLY[@]#"$kept"}" )
    fi`;

/** The script with which a shell asks us what could come next. */
export function shellScript(shell: string): string {
  // The library writes to the console, which in this program stands for what models say.
  const { log } = console;
  const lines: string[] = [];
  console.log = (text: string) => lines.push(text);
  try {
    script(shell, PROGRAM, PROGRAM);
  } finally {
    console.log = log;
  }
  const text = `${lines.join('\n').trimEnd()}\n`;
  return shell === 'bash' ? forBash(text) : text;
}

/** With values behind "=", and sourced a second time without a complaint. */
function forBash(text: string): string {
  if (!text.includes(PLAIN_REPLY)) throw new Error('the script for bash is not the one that is known');
  return text.replace(PLAIN_REPLY, () => REPLY).replaceAll(/^readonly (?=ShellComp)/gm, '');
}
