// The import maps against the real data sets, without the program.
// tideline-test: needs=none timeout=120
import '../oracle/check_maps.mjs';
