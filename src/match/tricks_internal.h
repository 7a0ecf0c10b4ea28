/* What the detectors of tricks share. A detector looks at the evidence and the drafted measures,
 * and either warns, with its numbers, or is silent; it never changes a figure. */
#ifndef ONUS_MATCH_TRICKS_INTERNAL_H
#define ONUS_MATCH_TRICKS_INTERNAL_H

#include "match_internal.h"

/** A number as a sentence names it: whole ones with commas. Its text lives as long as the struct:
 *  match_count(n).text until the end of the call it is an argument of. */
typedef struct match_text {
    char text[48];
} match_text;
match_text match_count(uint64_t n);
match_text match_percent(double share); /* "1.46 %", three figures */
match_text match_decimal(double value); /* three figures */

/* One detector each. */
onus_status match_trick_missing(match_trial *t) ONUS_MUST_USE;     /* tricks_design.c */
onus_status match_trick_people(match_trial *t) ONUS_MUST_USE;      /* tricks_design.c */
onus_status match_trick_cameras(match_trial *t) ONUS_MUST_USE;     /* tricks_design.c */
onus_status match_trick_threshold(match_trial *t) ONUS_MUST_USE;   /* tricks_threshold.c */
onus_status match_trick_ties(match_trial *t) ONUS_MUST_USE;        /* tricks_threshold.c */
onus_status match_trick_duplicates(match_trial *t) ONUS_MUST_USE;  /* tricks_duplicates.c */
onus_status match_trick_closed_set(match_trial *t) ONUS_MUST_USE;  /* tricks_list.c */
onus_status match_trick_list(match_trial *t) ONUS_MUST_USE;        /* tricks_list.c */
onus_status match_trick_tracks(match_trial *t) ONUS_MUST_USE;      /* tricks_list.c */
onus_status match_trick_impostors(match_trial *t) ONUS_MUST_USE;   /* tricks_rates.c */
onus_status match_trick_denominator(match_trial *t) ONUS_MUST_USE; /* tricks_rates.c */

#endif
