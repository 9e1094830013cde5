#!/usr/bin/env node
import '../dist/train-cli.js';
