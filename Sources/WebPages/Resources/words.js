// Numbers as people read them.

// The rule of ByteCount, by which commands and pages say sizes.
export function size(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= (unit === 0 ? 1024 : 999.5) && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return value.toFixed(unit === 0 || value >= 99.95 ? 0 : value < 9.995 ? 2 : 1) + " " + units[unit];
}

export const rate = (bytes) => size(bytes) + "/s";
export const count = (number) => number.toLocaleString("en");
export const plural = (number, one, many) => count(number) + " " + (number === 1 ? one : many);

export function duration(seconds) {
  const parts = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  const first = parts.findIndex(([, length]) => seconds >= length);
  if (first < 0) return "0 s";
  return parts.slice(first, first + 2).map(([name, length], index) =>
    Math.floor((index ? seconds % parts[first][1] : seconds) / length) + " " + name).join(" ");
}
