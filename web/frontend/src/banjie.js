// Every page: htmx and our small page scripts.
import htmx from 'htmx.org';
import { start } from './app.js';

start(htmx);
