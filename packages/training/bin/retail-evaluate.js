#!/usr/bin/env node
import '../dist/evaluate-cli.js';
