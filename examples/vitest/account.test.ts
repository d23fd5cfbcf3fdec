import { expect, test } from 'vitest';
import account from './account.js';

test('three tellers with a lock: every interleaving', async () => {
  await expect(account.with({ tellers: 3 })).toVerify();
});

test('two tellers without one lose a deposit', async () => {
  await expect(account.with({ locked: false })).not.toBeRaceFree();
});
