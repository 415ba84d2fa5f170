// Government desktops still run Chromium 90 to 97; bpmn-js calls these three at run time. Load it before the others.
if (typeof window.structuredClone !== 'function') {
  window.structuredClone = (value) => JSON.parse(JSON.stringify(value));
}
if (!Object.hasOwn) {
  Object.hasOwn = (object, key) => Object.prototype.hasOwnProperty.call(object, key);
}
if (!Array.prototype.at) {
  Object.defineProperty(Array.prototype, 'at', {
    configurable: true,
    writable: true,
    value(position) {
      const index = Math.trunc(position) || 0;
      return this[index < 0 ? index + this.length : index];
    },
  });
}
