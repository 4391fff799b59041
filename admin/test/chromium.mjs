// The browser of these tests: Debian's Chromium, one for a test file.
import { execSync } from 'node:child_process';
import { chromium } from 'playwright-core';

export function launch() {
  const executablePath = process.env.CHROME_PATH || execSync('command -v chromium-headless-shell || command -v chromium', { shell: '/bin/sh' }).toString().trim();
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}
