// An amount as people type it, read as souk/amounts.py reads it: a test compares the two.
// read("1.234,50", "EUR", 2) gives { minor: 123450n }, or { reason, readings } where it is none.

const GROUP = 3;
const CHARS_MAX = 40;
const AMOUNT_MAX = 10n ** 13n;

// How amounts of a currency are written in the page's language; `places` are the server's, for browsers' own differ.
export function money(currency, places) {
  const digits = { minimumFractionDigits: places, maximumFractionDigits: places };
  return new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency, ...digits });
}

export function read(text, currency, places) {
  const plain = bare(text, currency);
  if (plain === null) return { reason: "unreadable" };
  const [whole, fraction, refused] = parts(plain, places);
  if (refused) return refused;
  if (fraction.length > places) return { reason: "decimals" };
  const minor = BigInt((whole || "0") + fraction.padEnd(places, "0"));
  if (!minor) return { reason: "zero" };
  return minor > AMOUNT_MAX ? { reason: "too-large" } : { minor };
}

function bare(text, currency) {
  if ([...text].length > CHARS_MAX) return null;
  let plain = text.replace(/[\t\p{Zs}]/gu, " ").replace(/['\u2019\u02bc]/g, "'").trim();
  for (let turn = 0; turn < 2; turn += 1) {
    for (const mark of [currency, currency.toLowerCase()]) {
      if (plain.startsWith(mark)) plain = plain.slice(mark.length).trim();
      if (plain.endsWith(mark)) plain = plain.slice(0, -mark.length).trim();
    }
    plain = plain.replace(/^\p{Sc}/u, "").trim().replace(/\p{Sc}$/u, "").trim();
  }
  return /^[0-9.,' ]*[0-9][0-9.,' ]*$/.test(plain) ? plain : null;
}

function parts(plain, places) {
  const marks = plain.match(/[.,' ]/g) ?? [];
  if (!marks.length) return [plain, ""];
  const last = marks.at(-1);
  const kinds = new Set(marks).size;
  const grouping = " '".includes(last);
  if (kinds === 1) {
    if (grouping || marks.length > 1) return grouped(plain.split(last), "");
    const [whole, fraction] = plain.split(last);
    return fraction.length === GROUP && places < GROUP && beginsGroup(whole)
      ? lone(whole, fraction, places)
      : [whole, fraction];
  }
  const cut = plain.lastIndexOf(last);
  const head = plain.slice(0, cut);
  if (grouping || head.includes(last) || kinds > 2) return [, , { reason: "unreadable" }];
  return grouped(head.split(marks[0]), plain.slice(cut + 1));
}

function lone(whole, fraction, places) {
  if (!places) return [whole + fraction, ""];
  const readings = [BigInt(whole + fraction.slice(0, places)), BigInt(whole + fraction) * 10n ** BigInt(places)];
  return [, , { reason: "ambiguous", readings }];
}

function grouped(groups, fraction) {
  const fits = beginsGroup(groups[0]) && groups.slice(1).every((group) => group.length === GROUP);
  return fits ? [groups.join(""), fraction] : [, , { reason: "unreadable" }];
}

function beginsGroup(digits) {
  return digits.length >= 1 && digits.length <= GROUP && digits[0] !== "0";
}
