"""Checks the JSDoc types of the web chat's modules with the TypeScript compiler. Nothing is compiled."""

import subprocess
import sys

import install

STORY = install.CLIENTS / "browser"


def main() -> int:
    compiler = install.node_modules(STORY) / "typescript/lib/tsc.js"
    done = subprocess.run(["node", str(compiler), "--project", str(STORY / "tsconfig.json")])
    print("1 passed, 0 failed" if done.returncode == 0 else "0 passed, 1 failed")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
