/* What the sources of the affect trial share: the trial's own workings between two stages.
 *
 * Everything hangs on one affect_trial. What the product said of an item is one label (or that it
 * abstained); what that is held against is a reference: self-reports, votes of onlookers (one for
 * each stratum) or instructions to actors, all in the form that onus_labelled takes. Who is shown
 * is an index; an item of nobody known is a person of its own, so that person-cluster intervals
 * need no special case. Measures are drafted and handed over at the end.
 *
 * People, items and raters are indices here and nowhere else: no text, series or message names one.
 *
 * Scopes (helpers below write them; nobody spells them out):
 *   against: self_report | raters | intended
 *   stratum: S         of raters, only where the case has strata, then for every one of them
 *   group: A           people of group A; `by: sex` besides where the case has several groupings.
 *                      Intersections of two groupings are groupings of their own: `by: sex and
 *                      race`, `group: Female and Asian`
 *   abstentions        no key: an abstention counts as not right; `abstentions: left_out`: only
 *                      what was answered. Never the second without the first
 *   raters: plurality  held against the commonest vote of each item (ties left out) instead of
 *                      against every vote; without the key: the share of votes
 *   label: happy       of one declared label
 *   between: raters    agreement of onlookers among themselves
 *
 * Series, with stable names and columns (the page draws them):
 *   triangle     triangle.c    from, to, stratum, n, same, share, low, high, reason
 *                              from and to: self_report, raters, intended, product
 *   ladder       validity*.c   against, stratum, rung, value, low, high, num, den, reason
 *                              rung: chance, commonest, one_human, human_ceiling, product
 *   confusion    validity*.c   against, stratum, reference, said, n, share, low, high
 *                              reference, said: labels; said also "abstained"; share: of the row
 *   recall       validity*.c   against, stratum, label, recall, low, high, n, precision,
 *                              precision_low, precision_high, n_said
 *   intervals    validity*.c   against, stratum, way, low, high
 *                              of the accuracy: by people as printed, plain percentile, jackknife,
 *                              and by items, which is too narrow; for comparison only
 *   criteria     validity*.c   against, stratum, label, criterion, value, low, high, grade,
 *                              grade_of_value, why
 *                              Barrett et al.: reliability, specificity, generalisability, validity
 *   reliability  scores*.c     against, stratum, votes, binning, from, to, confidence, right, n
 *                              votes: every (shares), plurality
 *   gaps         groups*.c     against, stratum, by, group, reference, standardised, low, high,
 *                              crude, crude_low, crude_high, n_group, n_reference, state, why
 *                              state: "", "weak", "withheld", "refused"
 *   gap_tests    groups*.c     against, stratum, by, group, reference, odds_ratio, low, high,
 *                              z_items, z_people, labels, p_gap, p_adjusted, state
 *   agreement    agreement*.c  between, stratum, scale, coefficient, value, low, high, by_chance,
 *                              units, votes, reason; between: raters, versions; units: with two
 *                              votes
 *   agreement_intervals        between, stratum, scale, coefficient, method, low, high: every way
 *                              of being sure, side by side
 *   prevalence                 between, stratum, label, share
 *   questions need no series.
 */
#ifndef ONUS_AFFECT_INTERNAL_H
#define ONUS_AFFECT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/array.h"
#include "onus/context.h"
#include "onus/drafts.h"
#include "onus/error.h"
#include "onus/groups.h"
#include "onus/kept.h"
#include "onus/model.h"
#include "onus/stats_number.h"
#include "onus/status.h"
#include "onus/text.h"

/* ---- what the product's labels are held against ---- */
typedef enum affect_against {
    AFFECT_SELF_REPORT,
    AFFECT_RATERS,
    AFFECT_INTENDED,
    AFFECT_N_AGAINST
} affect_against;

typedef struct affect_reference {
    affect_against against;
    const char *name;    /* "self_report": value of the key `against` */
    const char *stratum; /* of raters where the case has strata; else NULL */
    size_t stratum_index;
    const double *truth;     /* n_items * n_labels, as onus_labelled.truth: of raters the shares of
                                votes, else 1 for one label; all 0: no reference */
    const double *plurality; /* of raters: 1 for the commonest vote, all 0 where two tie; else NULL
                              */
    const double *votes;     /* of raters: counts, n_items * n_labels; else NULL */
    size_t n_items;          /* with a reference */
    size_t n_compared;       /* of these, the product was asked about */
    size_t n_tied;           /* of raters: items compared whose commonest vote is shared */
} affect_reference;

/* ---- who is shown ---- */
/** One way to group people, or the intersection of two. */
typedef struct affect_grouping {
    const char *name; /* "sex", "sex and race" */
    bool crossed;     /* an intersection */
    size_t n_groups;
    const char **groups;   /* names, as the evidence orders them */
    size_t *n_people;      /* of each group */
    onus_group_show *show; /* of each group */
    int32_t *of_person;    /* n_people_indices: group, -1: not known */
} affect_grouping;

enum { AFFECT_ABSTAINED = -1, AFFECT_NOT_ASKED = -2 };

typedef struct affect_trial {
    const onus_case *c;
    const onus_evidence *evidence;
    const onus_affect_evidence *a; /* evidence->affect */
    const onus_context *context;
    onus_result *result;
    onus_error *err;
    size_t n_items;
    size_t n_labels;
    char *const *labels;
    /* what the product said: of each item's rows the first repeat of the version on trial */
    int32_t *said;       /* n_items: label, AFFECT_ABSTAINED, AFFECT_NOT_ASKED */
    int32_t *said_row;   /* n_items: row of evidence.said, -1: not asked */
    const char *version; /* the last one is on trial; NULL: the case has no versions */
    size_t n_asked;
    /* whom an item shows: indices of people first, then one each for items of nobody known */
    int32_t *person;         /* n_items */
    size_t n_person_indices; /* what to hand to kernels as n_people */
    bool knows_people;       /* items.person is given */
    size_t n_people;         /* known people in the items that the product was asked about */
    bool hide_people;        /* their number is withheld */
    affect_grouping *groupings;
    size_t n_groupings;           /* intersections last */
    affect_reference *references; /* self_report, raters by stratum, intended: those given */
    size_t n_references;
    const affect_reference *main; /* of the board's questions: self-reports, else the stratum whose
                                     raters agree most, else instructions; NULL: none */
    onus_array drafts;            /* onus_measure */
    onus_array kept;              /* void * */
} affect_trial;

/* ---- draft.c: measures before they are handed over (more in onus/drafts.h) ---- */
void *affect_keep(affect_trial *t, void *ptr) ONUS_MUST_USE; /* takes ownership, NULL stays NULL */
/** n * size bytes, zeroed, the trial's; NULL: no memory. */
void *affect_alloc(affect_trial *t, size_t n, size_t size) ONUS_MUST_USE;
const onus_measure_def *affect_measure(const char *id); /* measures.c */
onus_measure affect_draft_of(const char *id);
onus_status affect_add(affect_trial *t, const onus_measure *m, size_t *index) ONUS_MUST_USE;
/** Borrowed until the next affect_add. */
const onus_measure *affect_drafted(const affect_trial *t, size_t index);

void affect_scope_against(onus_measure *m, const affect_reference *reference); /* and stratum */
/** group, and `by` where there are several groupings. */
void affect_scope_group(const affect_trial *t, onus_measure *m, const affect_grouping *grouping,
                        size_t group);
void affect_scope_label(const affect_trial *t, onus_measure *m, size_t label);
void affect_scope_stratum(const affect_trial *t, onus_measure *m, size_t stratum);
/** Group of the person whom an item shows, -1: not known. */
int32_t affect_group_of_item(const affect_trial *t, const affect_grouping *grouping, size_t item);

/** The draft with this id against a reference (NULL: none), with one further key (NULL: none) and
 * no other; NULL: there is none. *index (may be NULL) is its place. */
const onus_measure *affect_look(const affect_trial *t, const char *id,
                                const affect_reference *reference, const char *key,
                                const char *value, size_t *index);
/** A value that may be printed. */
static inline bool affect_shown(const onus_measure *m) {
    return m != NULL && m->has_value && !m->withheld;
}

/* ---- words.c: figures in sentences ---- */
/** "7,442"; fractions with one decimal. */
void affect_put_count(onus_text *out, double n);
/** "66.3 %". */
void affect_put_percent(onus_text *out, double share);
/** "4,931 of 7,442 items (66.3 %; 64.1 to 68.4 % with people drawn anew)"; of shares of votes "61.9
 * % (60.3 to 63.4 % with people drawn anew) over 7,442 items". */
void affect_put_share(onus_text *out, const onus_measure *m, const char *things);
/** "what people themselves reported", "onlookers' votes (audio)", "what actors were told to show".
 */
void affect_put_reference(onus_text *out, const affect_reference *reference);

/* ---- one stage each, in the order of trial.c ---- */
onus_status affect_make_said(affect_trial *t) ONUS_MUST_USE;   /* said.c */
onus_status affect_make_people(affect_trial *t) ONUS_MUST_USE; /* people.c */
/** people_crossed.c, for people.c: withholds groups until all groupings together give back no group
 * of one or two people. */
onus_status affect_protect_crossed(affect_trial *t) ONUS_MUST_USE;
onus_status affect_make_references(affect_trial *t) ONUS_MUST_USE; /* references.c */
onus_status affect_counts(affect_trial *t) ONUS_MUST_USE; /* counts.c: items, people, raters,
                                                             abstained */
/* the families, each called once they have landed */
onus_status affect_agreement(affect_trial *t) ONUS_MUST_USE; /* agreement*.c */
onus_status affect_validity(affect_trial *t) ONUS_MUST_USE;  /* validity*.c */
onus_status affect_scores(affect_trial *t) ONUS_MUST_USE;    /* scores*.c: calibration, retests */
onus_status affect_groups(affect_trial *t) ONUS_MUST_USE;    /* groups*.c */
onus_status affect_triangle(affect_trial *t) ONUS_MUST_USE;  /* triangle.c */
onus_status affect_warnings(affect_trial *t) ONUS_MUST_USE;  /* warnings.c */
onus_status affect_questions(affect_trial *t) ONUS_MUST_USE; /* questions*.c */

#endif
