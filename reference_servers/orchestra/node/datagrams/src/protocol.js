// What auditor and musicians have agreed upon.
module.exports = {
  GROUP: "239.255.22.5",
  PORT: 9907,
  SOUNDS: {
    piano: "ti-ta-ti",
    trumpet: "pouet",
    flute: "trulu",
    violin: "gzi-gzi",
    drum: "boum-boum",
  },
};
