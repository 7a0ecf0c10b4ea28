/* Tables of labels against labels.
 *
 * One cell a pair of labels and one more column for abstentions, so that no share can lose them: a
 * product that abstains on what is hard would otherwise look better for it. Everything else is read
 * off those cells, in one way for counts and for shares of votes. Called by the affect trial, for
 * all people, by group and in every draw of a bootstrap over people. Never looks at a label's name.
 */
#include "onus/stats_confusion.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "onus/stats_interval.h"
#include "onus/sum.h"

static const double ITEMS_ROUNDING = 1e-12;

static const char NO_ITEM[] = "no item is compared";

/* ---- cells ---- */

static onus_status check_item(const onus_labelled *d, size_t i, onus_error *err) {
    if (d->said[i] < -1 || d->said[i] >= (int32_t)d->n_labels) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a label is out of range");
    }
    if (d->person != NULL && (d->person[i] < 0 || (size_t)d->person[i] >= d->n_people)) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a person is out of range");
    }
    for (size_t l = 0; l < d->n_labels; l++) {
        const double weight = d->truth[i * d->n_labels + l];
        if (!(weight >= 0.0) || !isfinite(weight)) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a weight is not a number of 0 or more");
        }
    }
    return ONUS_OK;
}

onus_status onus_confusion_sums(const onus_labelled *d, double *sums, onus_error *err) {
    const size_t n_cells = onus_confusion_n_cells(d->n_labels);
    const size_t n_people = d->person != NULL ? d->n_people : d->n_items;
    memset(sums, 0, n_people * n_cells * sizeof *sums);
    for (size_t i = 0; i < d->n_items; i++) {
        const onus_status status = check_item(d, i, err);
        if (status != ONUS_OK) {
            return status;
        }
        double *cells = sums + (d->person != NULL ? (size_t)d->person[i] : i) * n_cells;
        const size_t said = d->said[i] < 0 ? d->n_labels : (size_t)d->said[i];
        for (size_t l = 0; l < d->n_labels; l++) {
            cells[l * (d->n_labels + 1) + said] += d->truth[i * d->n_labels + l];
        }
    }
    return ONUS_OK;
}

void onus_confusion_total(const double *sums, size_t n_people, size_t n_labels, double *cells) {
    const size_t n_cells = onus_confusion_n_cells(n_labels);
    for (size_t k = 0; k < n_cells; k++) {
        onus_sum sum = {0};
        for (size_t i = 0; i < n_people; i++) {
            onus_sum_add(&sum, sums[i * n_cells + k]);
        }
        cells[k] = onus_sum_get(&sum);
    }
}

/* ---- shares ---- */

onus_fraction onus_fraction_of(double num, double den, const char *reason_if_none) {
    const bool there = den > 0.0;
    return (onus_fraction){.num = num,
                           .den = den,
                           .value = there ? num / den : NAN,
                           .reason = there ? NULL : reason_if_none};
}

static double row_of(const double *cells, size_t q, size_t label, bool answered) {
    double sum = 0.0;
    for (size_t said = 0; said < q + (answered ? 0 : 1); said++) {
        sum += cells[label * (q + 1) + said];
    }
    return sum;
}

static double column_of(const double *cells, size_t q, size_t said) {
    double sum = 0.0;
    for (size_t label = 0; label < q; label++) {
        sum += cells[label * (q + 1) + said];
    }
    return sum;
}

/* Items: the weights of one sum to 1, so that only rounding keeps this from being whole. */
static double all_of(const double *cells, size_t q, bool answered) {
    double sum = 0.0;
    for (size_t label = 0; label < q; label++) {
        sum += row_of(cells, q, label, answered);
    }
    const double whole = round(sum);
    return fabs(sum - whole) <= ITEMS_ROUNDING * whole ? whole : sum;
}

static double right_of(const double *cells, size_t q) {
    double sum = 0.0;
    for (size_t label = 0; label < q; label++) {
        sum += cells[label * (q + 1) + label];
    }
    return sum;
}

onus_fraction onus_confusion_accuracy(const double *cells, size_t n_labels) {
    return onus_fraction_of(right_of(cells, n_labels), all_of(cells, n_labels, false), NO_ITEM);
}

onus_fraction onus_confusion_accuracy_answered(const double *cells, size_t n_labels) {
    return onus_fraction_of(right_of(cells, n_labels), all_of(cells, n_labels, true),
                            "it abstained on every item that is compared");
}

onus_fraction onus_confusion_abstained(const double *cells, size_t n_labels) {
    return onus_fraction_of(column_of(cells, n_labels, n_labels), all_of(cells, n_labels, false),
                            NO_ITEM);
}

onus_fraction onus_confusion_recall(const double *cells, size_t n_labels, size_t label) {
    return onus_fraction_of(cells[label * (n_labels + 1) + label],
                            row_of(cells, n_labels, label, false),
                            "the reference never has this label");
}

onus_fraction onus_confusion_recall_answered(const double *cells, size_t n_labels, size_t label) {
    return onus_fraction_of(cells[label * (n_labels + 1) + label],
                            row_of(cells, n_labels, label, true),
                            "the reference never has this label where the product answered");
}

onus_fraction onus_confusion_precision(const double *cells, size_t n_labels, size_t label) {
    return onus_fraction_of(cells[label * (n_labels + 1) + label],
                            column_of(cells, n_labels, label), "the product never gave this label");
}

onus_fraction onus_confusion_given_not(const double *cells, size_t n_labels, size_t label) {
    double given = 0.0;
    double all = 0.0;
    for (size_t truth = 0; truth < n_labels; truth++) {
        if (truth != label) {
            given += cells[truth * (n_labels + 1) + label];
            all += row_of(cells, n_labels, truth, false);
        }
    }
    return onus_fraction_of(given, all, "the reference never has another label");
}

onus_number onus_confusion_balanced(const double *cells, size_t n_labels, size_t *n_used) {
    onus_sum sum = {0};
    size_t n = 0;
    for (size_t label = 0; label < n_labels; label++) {
        const onus_fraction recall = onus_confusion_recall(cells, n_labels, label);
        if (recall.den > 0.0) {
            onus_sum_add(&sum, recall.value);
            n++;
        }
    }
    if (n_used != NULL) {
        *n_used = n;
    }
    return n > 0 ? onus_number_of(onus_sum_get(&sum) / (double)n) : onus_number_none(NO_ITEM);
}

onus_fraction onus_confusion_commonest(const double *cells, size_t n_labels, size_t *label) {
    size_t best = 0;
    double most = 0.0;
    for (size_t l = 0; l < n_labels; l++) {
        const double row = row_of(cells, n_labels, l, false);
        if (row > most) {
            most = row;
            best = l;
        }
    }
    if (label != NULL) {
        *label = best;
    }
    return onus_fraction_of(most, all_of(cells, n_labels, false), NO_ITEM);
}

onus_number onus_skill(double value, double baseline) {
    if (isnan(value) || isnan(baseline)) {
        return onus_number_none("the accuracy or its baseline is undefined");
    }
    if (!(baseline < 1.0)) {
        return onus_number_none("the baseline is right every time: nothing is left to gain");
    }
    return onus_number_of((value - baseline) / (1.0 - baseline));
}

void onus_confusion_values(const void *shared, const double *cells, double *values) {
    const size_t q = ((const onus_confusion_shape *)shared)->n_labels;
    const onus_fraction accuracy = onus_confusion_accuracy(cells, q);
    const onus_fraction commonest = onus_confusion_commonest(cells, q, NULL);
    values[ONUS_CONFUSION_ACCURACY] = accuracy.value;
    values[ONUS_CONFUSION_ANSWERED] = onus_confusion_accuracy_answered(cells, q).value;
    values[ONUS_CONFUSION_ABSTAINED] = onus_confusion_abstained(cells, q).value;
    values[ONUS_CONFUSION_BALANCED] = onus_confusion_balanced(cells, q, NULL).value;
    values[ONUS_CONFUSION_COMMONEST] = commonest.value;
    values[ONUS_CONFUSION_SKILL] = onus_skill(accuracy.value, commonest.value).value;
    for (size_t l = 0; l < q; l++) {
        double *of_label = values + ONUS_CONFUSION_BY_LABEL + ONUS_CONFUSION_PER_LABEL * l;
        of_label[0] = onus_confusion_recall(cells, q, l).value;
        of_label[1] = onus_confusion_precision(cells, q, l).value;
        of_label[2] = onus_confusion_given_not(cells, q, l).value;
    }
}

/* ---- limits of a share by itself ---- */

static bool is_share(double k, double n, double level) {
    return level > 0.0 && level < 1.0 && n > 0.0 && isfinite(n) && k >= 0.0 && k <= n;
}

onus_limits onus_dirichlet_limits(double k, double n, size_t n_columns, double level) {
    if (!is_share(k, n, level) || n_columns < 2) {
        return onus_limits_none();
    }
    const double a = k + 0.5;
    const double b = n - k + 0.5 * ((double)n_columns - 1.0);
    return (onus_limits){.low = k == 0.0 ? 0.0 : onus_beta_quantile(0.5 - 0.5 * level, a, b),
                         .high = k == n ? 1.0 : onus_beta_quantile(0.5 + 0.5 * level, a, b)};
}
