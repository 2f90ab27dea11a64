/** Tests import the sources, not dist: what is tested is what was written, and no build has to come first. */
module.exports = {
  testEnvironment: 'node',
  globalSetup: '<rootDir>/dashboard/page/build.mjs',
  testMatch: ['<rootDir>/*/test/**/*.test.ts', '<rootDir>/test/**/*.test.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
  moduleNameMapper: { '^@postback/(\\w+)/(.*)$': '<rootDir>/$1/src/$2', '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/[^/]+/dist/', '<rootDir>/.local/'],
  testTimeout: 20_000,
};
