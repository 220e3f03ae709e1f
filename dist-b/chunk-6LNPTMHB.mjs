import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{f as r}from"./chunk-36AX3DJ7.mjs";var o=class{_key;_name;get key(){return this._key}get name(){return this._name}constructor(t,n){if(!t||!n)throw new TypeError("name and key must be non-empty strings");this._name=t,this._key=n}update(t,n){if(!t||!n)throw new TypeError("newName and newKey must be non-empty strings");this._name=t,this._key=n}};function i(e){return r(e,["name","key"])&&typeof e.key=="string"&&typeof e.name=="string"}function s(e){return r(e,["signature"])&&typeof e.signature=="string"}function p(e){let t=e;return t&&typeof t.getToken=="function"&&(t.signRequest===void 0||t.getToken.length>0)}function a(e){return r(e,["key"])&&typeof e.key=="string"}export{a,o as b,i as c,s as d,p as e};
//# sourceMappingURL=chunk-6LNPTMHB.mjs.map
