#!/usr/bin/env node
import '../dist/setup/cli.js';
