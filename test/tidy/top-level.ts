/** The top level of the repository is fixed (design, section 2). */

const allowed = [
  ...['src', 'workers', 'machines', 'test', 'scripts', 'package.json', 'tsconfig.json'],
  ...[
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'CHANGELOG.md',
    'LICENSE',
    'docs',
    'man',
    'examples',
    'package-lock.json',
  ],
  ...['biome.json', 'tsconfig.test.json', 'vitest.config.ts'],
  ...['.ci', '.github', '.editorconfig', '.gitattributes', '.gitignore', '.npmrc'],
];

/** One sentence for each entry of the top level that does not belong there. `paths` are files from the root. */
export function topLevelViolations(paths: readonly string[]): string[] {
  const entries = new Set(paths.map((path) => path.split('/')[0] ?? path));
  return [...entries]
    .filter((entry) => !allowed.includes(entry))
    .sort()
    .map((entry) => `${entry}: does not belong at the top level; allowed are ${allowed.join(', ')}`);
}
