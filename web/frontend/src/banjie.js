// Every page: htmx and our small page scripts.
import htmx from 'htmx.org';
import { start } from './app.js';
import { start as startKeys } from './keys.js';
import { start as startSigning } from './sign.js';

start(htmx);
startKeys();
startSigning();
