/* What may be shown of groups of people.
 *
 * The idea: a rate over a group counts rows and is shown, but of a group of one or two people a
 * rate is a statement about persons: it is withheld whole, and so is the next smallest group where
 * subtraction would give the first one back. Counts of people go through the exact disclosure
 * control of src/stats.
 *
 * Called by trials before they draft anything by group. Never names a person. */
#include "onus/groups.h"

#include "onus/alloc.h"
#include "onus/stats_disclosure.h"

static void decide_rates(const size_t *n_people, size_t n_groups, size_t n_everybody,
                         uint32_t below, onus_group_show *show) {
    size_t rest = n_everybody; /* people in no group that is shown: subtraction gives their rate */
    size_t smallest = n_groups;
    for (size_t v = 0; v < n_groups; v++) {
        const bool tiny = n_people[v] > 0 && n_people[v] < ONUS_GROUP_PEOPLE_MIN;
        if (tiny) {
            show[v].state = ONUS_GROUP_WITHHELD;
            show[v].reason = "a group of one or two people: a rate over it would speak of persons";
            continue;
        }
        rest -= n_people[v];
        if (n_people[v] > 0 && (smallest == n_groups || n_people[v] < n_people[smallest])) {
            smallest = v;
        }
        if (n_people[v] < below) {
            show[v].state = ONUS_GROUP_WEAK;
            show[v].reason = "a group of few people: its interval carries no verdict alone";
        }
    }
    if (rest > 0 && rest < ONUS_GROUP_PEOPLE_MIN && smallest < n_groups) {
        show[smallest].state = ONUS_GROUP_WITHHELD;
        show[smallest].reason = "would give back a group of one or two people by subtraction";
    }
}

onus_status onus_groups_show(const size_t *n_people, size_t n_groups, size_t n_everybody,
                             uint32_t below, onus_group_show *show, bool *hide_everybody,
                             onus_error *err) {
    onus_status status = ONUS_ERR_NOMEM;
    const size_t starts[2] = {0, n_groups + 1};
    uint8_t everybody = ONUS_WITHHELD_NOT;
    onus_disclosure_account account = {0};
    int64_t *values = onus_alloc_n(n_groups + 1, sizeof *values);
    uint8_t *hidden = onus_alloc_n(n_groups + 1, sizeof *hidden);
    int32_t *cells = onus_alloc_n(n_groups + 1, sizeof *cells);
    uint8_t *withheld = onus_alloc_n(n_groups + 1, sizeof *withheld);
    if (values == NULL || hidden == NULL || cells == NULL || withheld == NULL) {
        goto out;
    }
    size_t n_in_groups = 0;
    for (size_t v = 0; v < n_groups; v++) {
        show[v] = (onus_group_show){.state = ONUS_GROUP_SHOWN};
        n_in_groups += n_people[v];
        values[v] = (int64_t)n_people[v];
        cells[v] = (int32_t)v;
    }
    if (n_in_groups > n_everybody) {
        status = onus_fail_plain(err, ONUS_ERR_DOMAIN, "more people in groups than there are");
        goto out;
    }
    values[n_groups] = (int64_t)(n_everybody - n_in_groups);
    cells[n_groups] = (int32_t)n_groups;
    hidden[n_groups] = 1; /* nobody prints how many are in no group */
    decide_rates(n_people, n_groups, n_everybody, below, show);
    const onus_disclosure table = {.n_cells = n_groups + 1,
                                   .values = values,
                                   .hidden = hidden,
                                   .n_sums = 1,
                                   .starts = starts,
                                   .cells = cells};
    ONUS_TRY(onus_disclosure_withhold(&table, below, false, withheld, &everybody, &account, err));
    for (size_t v = 0; v < n_groups; v++) {
        show[v].hide_count = withheld[v] != ONUS_WITHHELD_NOT;
    }
    *hide_everybody = *hide_everybody || everybody != ONUS_WITHHELD_NOT;
out:
    onus_free(values);
    onus_free(hidden);
    onus_free(cells);
    onus_free(withheld);
    return status;
}
