// Every page: htmx and our small page scripts.
import htmx from 'htmx.org';
import { start } from './app.js';
import { start as startKeys } from './keys.js';

start(htmx);
startKeys();
