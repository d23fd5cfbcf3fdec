import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { setupFiles: ['faultline/vitest'] } });
