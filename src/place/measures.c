/* The measure table of the place trial: one row per measure, nothing else.
 *
 * `onus explain ID`, docs/measures.md, the JSON Schema and the report's definitions are made from
 * these rows, so a row is written for a reader who has only this sentence in front of them: what is
 * counted, over what, what a missing value means. Formulas are ASCII; x_i are the flags on area i,
 * P_i its people, P_gi its people of group g.
 *
 * Called by onus_place_measures and, by id, by every burden_*.c. Never computes anything. */
#include "onus/place.h"

#include <string.h>

#include "place_internal.h"

#define MASSEY "Massey & Denton (1988), The dimensions of residential segregation"
#define MARKUP                                                                                     \
    "Sankin et al. (2021), The Markup and Gizmodo, code in investigation-prediction-bias/R"

static const onus_measure_def TABLE[] = {
#include "measures_accuracy.inc"

    {"burden.areas", "Areas", "count",
     "Number of areas in the areas layer. Every measure by area is over these.", "none: a count",
     "", "-"},
    {"burden.areas_unflagged", "Areas never flagged", "count",
     "Number of areas on which no flag fell (x_i = 0).", "none: a count", "", "-"},
    {"burden.areas_without_people", "Areas without people", "count",
     "Number of areas whose total of the universe is 0 or not known. They keep their flags and "
     "their place in the ranking of areas, and carry no one's exposure.",
     "none: a count", "universe", "-"},
    {"burden.flags", "Flags", "flags",
     "All flags as given (the sum of the count column, or one per row), inside and outside the "
     "areas.",
     "none: a count", "", "-"},
    {"burden.flags_outside", "Flags outside every area", "flags",
     "Flags that fall on no area: with assign: centre those whose centre lies in none, with "
     "assign: overlap the part of each box that no area covers. num/den = outside / all flags.",
     "none: a count", "", "-"},
    {"burden.flags_most", "Flags on the most flagged area", "flags",
     "The largest number of flags on one area, max x_i.", "none: a count", "", "-"},
    {"burden.flags_on_people", "Flags on areas with people", "flags",
     "Flags on areas where somebody of the universe lives; the flags that burden.attributed shares "
     "out. num/den = these / all flags.",
     "none: a count", "universe", "-"},

    {"burden.share", "Who lives in the flagged areas", "share",
     "Share of the group among the people of a set of areas, sum w_i P_gi / sum w_i P_i. "
     "Convention onus: areas in order of flags; `most` is the first k = ceil(top n) of n areas, "
     "`least` the last k, `median` the k in the middle (positions (n - k)/2 to (n + k)/2; a half "
     "position is half an area), `all` every area. Equally flagged areas at an edge of the set "
     "share what is left of it (w_i = the chance to be drawn), so num and den can be fractions. "
     "With scope by: population the sets hold the top share of the people instead of the areas. "
     "Conventions markup-2021 and markup-2021-by-population: w = round(top n), half to even; most "
     "= the w + 1 highest ranks; median = ranks within floor(w/2) of floor(n/2); least = the ranks "
     "c - w .. c of the c areas with the fewest flags where c > w, else ranks 1 .. w + 1; ties "
     "fall in order of area id, or, by-population, most residents first. Nobody in the set: no "
     "value.",
     "sampling error of the census where the people table gives margins (ACS rule for a "
     "proportion); else none: the areas are all there are, and the edge of a set is not a sample",
     "universe, group, set: most, median, least, all, (by: population), (convention)",
     "docs/statistics.md; markup-2021: " MARKUP},
    {"burden.above_median", "Share of the group where flags exceed the median", "share",
     "Share of the group's people who live in areas flagged more often than the median area, sum "
     "over x_i > median of P_gi / P_g. The median is over all areas.",
     "sampling error of the census where margins are given; else none",
     "universe, group, (convention)", MARKUP},
    {"burden.below_median", "Share of the group where flags are under the median", "share",
     "Share of the group's people who live in areas flagged less often than the median area.",
     "sampling error of the census where margins are given; else none",
     "universe, group, (convention)", MARKUP},
    {"burden.rank_correlation", "Do flags go where the group lives", "correlation",
     "Spearman correlation over areas with people between flags and the group's share of the "
     "area's people. Convention onus: mid-ranks for ties. Convention markup-2021: the flags' ties "
     "are broken in order of area id before ranking, which invents an order that the data do not "
     "have.",
     "Fisher's z with the effective number of areas (Clifford & Richardson): neighbouring areas "
     "are not independent. Not given for markup-2021",
     "universe, group, (convention)",
     "Spearman (1904); Clifford, Richardson & Hemon (1989) Biometrics 45; markup-2021: " MARKUP},
    {"burden.effective_n", "Effective number of areas", "count",
     "Number of independent areas that would carry as much information about the correlation of "
     "flags and the group's share as these areas, which resemble their neighbours.",
     "none: an estimate of a variance", "universe, group",
     "Clifford, Richardson & Hemon (1989); Dutilleul (1993) Biometrics 49"},
    {"burden.composition", "Who lives in each tenth of the areas", "share",
     "Share of the group among the people of each tenth of the areas by flags. Cut points q10 .. "
     "q90 are quantiles of type 7. Convention onus: an area belongs to the lowest decile whose "
     "upper cut point it does not exceed (q(k-1) < x <= qk), so every area is in exactly one and "
     "equally flagged areas are never parted. Convention markup-2021: decile 1 is x < q10, deciles "
     "2 to 9 are strict on both sides, decile 10 is x > q90: an area equal to a cut point is in "
     "none. An empty decile has no value under either; the published audit printed 0.",
     "sampling error of the census where margins are given; else none",
     "universe, group, decile: 1..10, (convention)", "Hyndman & Fan (1996), type 7; " MARKUP},

    {"burden.exposure", "Flags that a member of the group lives with", "flags",
     "E_g = sum P_gi x_i / P_g: the flags on the area of an average member of the group. With a "
     "benchmark b: people are weighted by their part of the yardstick, b_i P_gi / P_i instead of "
     "P_gi. reference: rest is everyone else in the universe.",
     "the widest of three: flags (moving blocks of weeks or days), census (Var E_g = sum ((x_i - "
     "E_g)/P_g)^2 (margin_i/1.645)^2), space (spatial blocks of areas, weak for the level of a "
     "whole city); the series exposure has all three",
     "universe, group, (benchmark)",
     "docs/statistics.md; U.S. Census Bureau (2020), Understanding and using ACS data, ch. 7-8"},
    {"burden.attributed", "Flags per member of the group, shared out among residents",
     "flags per resident",
     "B_g = sum x_i (P_gi / P_i) / P_g: every flag is divided equally among those who live on its "
     "area, then summed by group. Summed over groups that make up the universe, P_g B_g gives back "
     "all flags on areas with people. With a benchmark b the denominator is sum b_i P_gi / P_i.",
     "as burden.exposure; the census part needs margins of the totals as well",
     "universe, group, (benchmark)", "docs/statistics.md"},
    {"burden.ratio", "The group's load over another group's", "ratio",
     "E_g / E_r (definition exposure) or B_g / B_r (definition attributed); num and den are the "
     "two. The definitions answer different questions and can disagree; both are always given. "
     "Each value comes three times, once for each source of uncertainty: flags (which weeks were "
     "seen), census (how well the people are counted), space (which areas the city is made of). A "
     "verdict needs all three to agree.",
     "flags: moving blocks of weeks or days; census: delta method from published margins; space: "
     "the "
     "wider of autocovariances by distance and ten blocks of neighbouring areas "
     "(docs/statistics.md). Not given, with the reason, where the evidence for it is missing",
     "universe, group, reference, definition: exposure, attributed, (benchmark), source: flags, "
     "census, space",
     "Kunsch (1989) for moving blocks; docs/statistics.md for the three sources"},
    {"burden.evalue", "How strong an unmeasured cause would have to be", "ratio",
     "E = RR + sqrt(RR (RR - 1)) with RR the ratio or its inverse, whichever is at least 1: the "
     "least strength, on the ratio scale, that an unmeasured cause would need with both the group "
     "and the flags to explain the ratio away.",
     "the same formula at the limits of the widest interval of the ratio; 1 where it holds 1",
     "universe, group, reference, definition, (benchmark)",
     "VanderWeele & Ding (2017) Annals of Internal Medicine 167"},
    {"burden.flagged_ground", "Share of the group on ground ever flagged, bounds", "share",
     "Least and greatest share of the group that can live inside the flagged boxes, given only how "
     "much of each area's land they cover (c_i) and that people are spread evenly over it: between "
     "max(0, P_gi - (1 - c_i) P_i) and min(P_gi, c_i P_i) of each area. Where boxes overlap one "
     "another c_i itself is bounded (largest box, Bonferroni, sum). A bound, not an estimate.",
     "none: the pair of bounds is the statement", "universe, group, bound: low, high",
     "Duncan & Davis (1953) American Sociological Review 18"},
    {"burden.excess", "Load beyond what recorded outcomes explain", "share",
     "E_g / E_g(expected) - 1, where the expected flags put the same total on areas in proportion "
     "to the recorded outcomes: 0.25 means a quarter more than outcomes explain. records: "
     "without_officer leaves out records that police activity itself makes. reporting: column "
     "counts "
     "each area's outcomes over its reporting rate (feedback.reported.column); range gives exact "
     "bounds if every area may have any rate within outcomes.reporting. Recorded outcomes are not "
     "crimes: who reports and who is watched is in them.",
     "spatial blocks of areas; flags and outcomes share their weeks, so blocks of time are not "
     "used",
     "universe, group, records: all, without_officer, (reporting: column, range), (bound: low, "
     "high)",
     "indirect standardisation; docs/statistics.md"},
    {"burden.capture_gap", "Outcomes missed, by who lives there", "share",
     "Capture rate of the group minus that of everyone else. An outcome on area i counts P_gi / "
     "P_i for the group; it is captured if it lies inside a flagged box or polygon of a matching "
     "type (outcomes.types), within its time where flags and outcomes have times. Where flags have "
     "types, outcomes of no predicted type are not asked for. num and den are the two rates' "
     "difference and 1.",
     "spatial-block bootstrap; weak where captured or missed outcomes lie in fewer than ten blocks",
     "universe, group, (type)", "docs/statistics.md"},

    {"burden.gini", "How unequally flags, or a group, are spread", "index",
     "Without a group: Gini index of flags over areas, 0 = every area alike. With a group: Gini "
     "index of segregation of the group's share over areas, weighted by people, sum_ij P_i P_j "
     "|p_i - p_j| / (2 P^2 p (1 - p)).",
     "none: the areas are all there are", "(universe, group)", "Gini (1912); " MASSEY},
    {"burden.carried_gini", "How unequally the load is carried within the group", "index",
     "Gini index of flags over the people of the group, each carrying the flags of their area "
     "(weights P_gi).",
     "none: the areas are all there are", "universe, group", "Gini (1912)"},
    {"burden.theil", "How unequally flags, or a group, are spread (entropy)", "index",
     "Without a group: Theil's T of flags over areas, mean of (x/m) ln(x/m). With a group: Theil's "
     "information index H of the group's share, sum P_i (E - E_i) / (E P) with E the entropy of "
     "group and rest.",
     "none: the areas are all there are", "(universe, group)",
     "Theil (1967); Theil & Finizza (1971)"},
    {"burden.delta", "Share that would have to move to be even over the land", "share",
     "Without a group: half the sum of |x_i / x - a_i / a| with a_i the land of area i: the share "
     "of flags that would have to move to lie evenly over the land. With a group: the same for its "
     "people.",
     "none: the areas are all there are", "(universe, group)",
     "Hoover (1941); Duncan et al. (1961)"},
    {"burden.moran", "Do neighbouring areas resemble one another", "index",
     "Moran's I with row-standardised queen neighbours: of flags, or with a group of its share of "
     "the area's people. About 0 where neighbours are unrelated; the larger, the fewer independent "
     "areas.",
     "none: p by permutation of the areas", "(universe, group)",
     "Moran (1950); Cliff & Ord (1981)"},
    {"burden.dissimilarity", "Dissimilarity of the group's homes from the others'", "index",
     "Half the sum of |P_gi / P_g - R_i / R| with R_i everyone else in the universe: the share of "
     "the group that would have to move for an even spread.",
     "none: the areas are all there are", "universe, group", "Duncan & Duncan (1955); " MASSEY},
    {"burden.isolation", "How much the group lives among itself", "index",
     "sum (P_gi / P_g)(P_gi / P_i): the share of the own group in the area of an average member.",
     "none: the areas are all there are", "universe, group", "Bell (1954); " MASSEY},
    {"burden.days_in_a_row", "Consecutive days under flags", "days",
     "Runs of consecutive calendar days on which at least one flag touched the area (day of the "
     "flag's start). statistic: longest or mean run of an area (0 if never flagged), averaged over "
     "areas, or with a group over its people.",
     "none: a description of the period", "(universe, group), statistic: longest, mean",
     "docs/statistics.md"},

#include "measures_feedback.inc"
};

enum { N_MEASURES = sizeof TABLE / sizeof TABLE[0] };

const onus_measure_def *onus_place_measures(size_t *n_measures) {
    *n_measures = N_MEASURES;
    return TABLE;
}

const onus_measure_def *place_measure(const char *id) {
    for (size_t i = 0; i < N_MEASURES; i++) {
        if (strcmp(TABLE[i].id, id) == 0) {
            return &TABLE[i];
        }
    }
    return NULL; /* onus_result_add refuses a measure without a definition */
}
