/* What an affect case asks: a product's labels against what people themselves reported, what
 * onlookers said and what actors were told to show. Every string is owned by the case. */
#ifndef ONUS_CASE_AFFECT_H
#define ONUS_CASE_AFFECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/case_common.h"

typedef enum onus_label_scale {
    ONUS_LABELS_NOMINAL,
    ONUS_LABELS_ORDINAL,
    ONUS_LABELS_INTERVAL,
    ONUS_LABELS_RATIO
} onus_label_scale;

/** What the product said: one row per item (and repeat). */
typedef struct onus_labels_ref {
    onus_source source;
    char *item;
    char *label;
    onus_mapping *scores; /* label -> one column */
    size_t n_scores;
    char *repeat;  /* column that tells re-tests or frames apart, or NULL */
    char *version; /* column that tells versions of the product apart, or NULL */
} onus_labels_ref;

typedef struct onus_items_ref {
    onus_source source;
    char *id;
    char *person; /* or NULL */
} onus_items_ref;

/** People shown (place cases have another block of this name). */
typedef struct onus_shown_ref {
    onus_source source;
    char *id;
    onus_mapping *groups; /* name -> one column */
    size_t n_groups;
} onus_shown_ref;

/** A column of one label per item: self-reports, or instructions to actors. */
typedef struct onus_item_label_ref {
    onus_source source;
    char *item;
    char *label;
} onus_item_label_ref;

/** Votes of onlookers: one row per vote, or counts by label. */
typedef struct onus_raters_ref {
    onus_source source;
    char *item;
    char *rater; /* or NULL: votes are anonymous */
    char *label; /* long form, or NULL */
    char *stratum;
    onus_mapping *counts; /* label -> one column */
    size_t n_counts;
} onus_raters_ref;

typedef struct onus_domain_ref {
    bool given;
    onus_at at;
    onus_strings labels; /* in the order of the scale */
    onus_mapping *map;   /* label -> one label of the domain */
    size_t n_map;
    onus_label_scale scale;
} onus_domain_ref;

/** How the evidence came about, as the case declares it; each UNSAID where it does not say. */
typedef enum onus_expression {
    ONUS_EXPRESSION_UNSAID,
    ONUS_EXPRESSION_ACTED,
    ONUS_EXPRESSION_SPONTANEOUS
} onus_expression;
typedef enum onus_choice { ONUS_CHOICE_UNSAID, ONUS_CHOICE_FORCED, ONUS_CHOICE_FREE } onus_choice;

typedef struct onus_setting_ref {
    onus_expression expression;
    onus_choice choice; /* did raters have to pick one label of a list */
    bool says_blind;    /* the case says whether ... */
    bool raters_blind;  /* ... raters were blind to the product's label and to the instruction */
    char *place;        /* where it was recorded, in words, or NULL */
} onus_setting_ref;

typedef struct onus_affect_ref {
    onus_labels_ref labels;
    onus_items_ref items;
    onus_shown_ref people;
    onus_item_label_ref self_report;
    onus_item_label_ref intended;
    onus_raters_ref raters;
    onus_domain_ref domain;
    onus_setting_ref setting;
} onus_affect_ref;

#endif
