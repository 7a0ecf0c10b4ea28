/* How often does a detector of tricks cry where nothing was played, and how often is it silent
 * where something was?
 *
 * Whole match trials on made tables: 40 people, three sightings each at three cameras, all compared
 * with all, people who differ in how much they look like others. Printed: the share of trials that
 * warn, honest ones and played ones. Honest ones may warn as often as docs/statistics.md says. */
#include "../unit/match/made.h"

enum { RUNS = 60, PEOPLE = 40, EACH = 3, SIGHTINGS = PEOPLE * EACH };

/* How much a person looks like others, drawn anew for each table. */
static double likeness[PEOPLE];
static double digits; /* scores are rounded to 1 / digits; 0: not */
static int twin;      /* sighting 1 is sighting 0 under another name */
static double twin_of[SIGHTINGS];
static double within_last; /* how much more people of the last group look alike */

static double rounded(double score) {
    return digits > 0 ? round(score * digits) / digits : score;
}

static double score_of(const made_pair *pair, uint64_t *random) {
    const bool same = pair->person_a == pair->person_b;
    double score =
        (same ? 0.7 : 0.3 + 0.5 * (likeness[pair->person_a] + likeness[pair->person_b])) +
        0.1 * made_normal(random);
    if (!same && pair->group_a == 3 && pair->group_b == 3) {
        score += within_last;
    }
    score = rounded(score);
    if (twin && pair->a < 2) {
        if (pair->a == 0) {
            twin_of[pair->b] = score;
        } else {
            return twin_of[pair->b];
        }
    }
    return score;
}

static int descending(const void *a, const void *b) {
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return x > y ? -1 : x < y ? 1 : 0;
}

/* The threshold that keeps 1 % false matches on these very people. */
static double tuned(const made *w) {
    static double scores[MADE_ROWS];
    size_t n = 0;
    for (size_t i = 0; i < w->e.match.comparisons.n_comparisons; i++) {
        if (!w->same[i]) {
            scores[n++] = w->score[i];
        }
    }
    qsort(scores, n, sizeof *scores, descending);
    size_t n_kept = (size_t)(0.01 * (double)n);
    while (n_kept > 1 && scores[n_kept - 1] == scores[n_kept]) { /* ties would break it */
        n_kept--;
    }
    return scores[n_kept - 1];
}

/* Share of trials that warn of this. */
static double warns(const char *code, bool is_tuned, uint64_t seed, int n_runs) {
    int n = 0;
    for (int r = 0; r < n_runs; r++) {
        uint64_t random = seed + (uint64_t)r * 1000003;
        for (int p = 0; p < PEOPLE; p++) {
            likeness[p] = 0.05 * made_normal(&random);
        }
        made *w = made_new();
        made_people(w, PEOPLE, EACH, 3, 4);
        made_all_pairs(w, score_of, random_u64(&random));
        made_use(w, is_tuned ? tuned(w) : rounded(0.45 + 0.15 * made_uniform(&random)));
        made_try(w);
        n += made_warning(w, code) != NULL;
        made_free(w);
    }
    return (double)n / n_runs;
}

static int n_failed;

/* nominal: how often honest trials may warn, 1 for played ones, which have to in nine of ten. */
static void row(const char *what, const char *code, bool is_tuned, double nominal) {
    const int n_runs = test_mult(RUNS);
    const double most =
        nominal < 1 ? nominal + 3 * sqrt(nominal * (1 - nominal) / n_runs) : nominal;
    const double least = nominal < 1 ? 0 : 0.9;
    static uint64_t seed = 1;
    const double share = warns(code, is_tuned, seed++ * 77777, n_runs);
    const bool holds = share >= least && share <= most;
    printf("%-58s %-22s %5.1f %% %s\n", what, code, 100 * share, holds ? "" : "OUT OF BOUNDS");
    n_failed += holds ? 0 : 1;
}

int main(void) {
    digits = 0;
    row("honest, threshold set elsewhere, fine scores", "threshold_tuned", false, 0.05);
    digits = 1000;
    row("honest, threshold set elsewhere, three decimals", "threshold_tuned", false, 0.05);
    row("threshold set on these people, three decimals", "threshold_tuned", true, 1);
    digits = 0;
    row("threshold set on these people, fine scores", "threshold_tuned", true, 1);
    row("honest, fine scores", "duplicates", false, 0.01);
    digits = 10;
    row("honest, one decimal", "duplicates", false, 0.01);
    twin = 1;
    row("a picture under two names, one decimal", "duplicates", false, 1);
    digits = 0;
    row("a picture under two names, fine scores", "duplicates", false, 1);
    twin = 0;
    row("honest, four groups alike", "impostors_not_matched", false, 0.05);
    within_last = 0.15;
    row("strangers of one group look alike", "impostors_not_matched", false, 1);
    within_last = 0;
    row("honest, every comparison there", "missing_comparisons", false, 0);
    return n_failed > 0;
}
