/**
 * The manual page, made of the commands as the help is: nothing in it is written twice.
 */
import type { Command } from 'commander';

/** The text of faultline(1), in the macros of man(7). `version` is that of the package. */
export function manPage(program: Command, version: string): string {
  const verbs = program.commands.map(sectionOf);
  const sections = [
    `.\\" Written by scripts/man-page from the help of the verbs; change that.`,
    `.TH FAULTLINE 1 "" "faultline ${version}" "User Commands"`,
    `.SH NAME\nfaultline \\- ${escaped(uncapitalized(program.description().replace(/\.$/, '')))}`,
    `.SH SYNOPSIS\n.B faultline\n.br\n.B faultline\n.I verb\n.RI [ options ]\n.RI [ arguments ]`,
    `.SH DESCRIPTION\n${escaped(program.description())}\n${paragraphsOf(afterHelp(program))}`,
    `.SH OPTIONS\n${optionsOf(program)}`,
    `.SH VERBS\n${verbs.join('\n')}`,
  ];
  return `${sections.join('\n')}\n`;
}

function sectionOf(verb: Command): string {
  const help = verb.createHelp();
  const given = help.visibleArguments(verb).map((argument) => {
    return item(`\\fI${escaped(argument.name())}\\fR`, help.argumentDescription(argument));
  });
  return [
    `.SS "faultline ${escaped(`${verb.name()} ${verb.usage()}`)}"`,
    escaped(verb.description()),
    ...given,
    optionsOf(verb),
    paragraphsOf(afterHelp(verb)),
  ].join('\n');
}

function optionsOf(command: Command): string {
  const help = command.createHelp();
  return help
    .visibleOptions(command)
    .map((option) => item(`\\fB${escaped(help.optionTerm(option))}\\fR`, help.optionDescription(option)))
    .join('\n');
}

/** What stands below the options: the help without what commander makes of the options. */
function afterHelp(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text.slice(command.helpInformation().length);
}

/** Paragraphs; where lines are indented by hand they stay as they are. */
function paragraphsOf(text: string): string {
  const paragraphs = text.split(/\n{2,}/).map((paragraph) => paragraph.replace(/^\n+|\s+$/g, ''));
  return paragraphs
    .filter((paragraph) => paragraph !== '')
    .map((paragraph) =>
      /^ /m.test(paragraph) ? `.PP\n.nf\n${escaped(paragraph)}\n.fi` : `.PP\n${escaped(paragraph.replace(/\n/g, ' '))}`,
    )
    .join('\n');
}

function item(term: string, text: string): string {
  return `.TP\n${term}\n${escaped(text)}`;
}

/** Text in which nothing is taken for a request or an escape. */
function escaped(text: string): string {
  return text
    .replace(/\\/g, '\\e')
    .replace(/-/g, '\\-')
    .replace(/"/g, '\\(dq')
    .replace(/^([.'])/gm, '\\&$1');
}

function uncapitalized(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
