/* The made-up product's trails: people walk past four cameras, and some trails change people.
 *
 * The idea: each walker is seen for twelve frames on each camera, in a lane of his own, so that no
 * two boxes overlap and what the product did is beyond dispute. Its boxes are a pixel or two off,
 * one in 37 is missing, and between the second and the third camera two people at a time change
 * trails: a per-frame score hardly sees it, the trail is of two people from then on.
 *
 * Called by match.c. Writes text, opens nothing. */
#include "product_internal.h"

enum { FRAMES_BETWEEN = 40, LANE_PX = 60, STEP_PX = 3, WIDTH_PX = 40, HEIGHT_PX = 100, LANES = 10 };

static const char HEAD[] = "camera,frame,id,x,y,w,h\n";

/* Where walker i stands on camera c in his k-th frame there. */
static void box_at(int i, int k, int *x, int *y) {
    *x = 20 + STEP_PX * k + 150 * (i % 4);
    *y = 20 + (LANE_PX + HEIGHT_PX) * (i / 4 % LANES);
}

static int frame_of(int i, int camera, int k) {
    return 1 + FRAMES_BETWEEN * camera + 3 * (i % 5) + k;
}

void product_write_truth(product *p, onus_text *out) {
    onus_text_add(out, HEAD);
    p->n_boxes = 0;
    for (int i = 0; i < PRODUCT_WALKERS; i++) {
        for (int camera = 0; camera < PRODUCT_WALK_CAMERAS; camera++) {
            for (int k = 0; k < PRODUCT_FRAMES; k++) {
                int x = 0;
                int y = 0;
                box_at(i, k, &x, &y);
                onus_text_addf(out, "%s,%d,p%03d,%d,%d,%d,%d\n", PRODUCT_CAMERA_NAMES[camera],
                               frame_of(i, camera, k), p->name[i], x, y, WIDTH_PX, HEIGHT_PX);
                p->n_boxes++;
            }
        }
    }
}

/* The walker whose person this one's trail holds from the third camera on. */
static int partner(int i) {
    return i < PRODUCT_MIXED ? (i % 2 == 0 ? i + 1 : i - 1) : i;
}

void product_write_output(product *p, onus_text *out) {
    onus_rng rng;
    product_rng(&rng, p, PRODUCT_TOPIC_BOXES, 0);
    onus_text_add(out, HEAD);
    p->n_boxes_said = 0;
    int n = 0;
    for (int i = 0; i < PRODUCT_WALKERS; i++) {
        for (int camera = 0; camera < PRODUCT_WALK_CAMERAS; camera++) {
            const int trail = camera < PRODUCT_WALK_CAMERAS / 2 ? i : partner(i);
            for (int k = 0; k < PRODUCT_FRAMES; k++) {
                const int right = (int)onus_rng_below(&rng, 5) - 2;
                const int down = (int)onus_rng_below(&rng, 5) - 2;
                int x = 0;
                int y = 0;
                box_at(i, k, &x, &y);
                if (++n % PRODUCT_MISSED_EVERY == 0) {
                    continue;
                }
                onus_text_addf(out, "%s,%d,t%02d,%d,%d,%d,%d\n", PRODUCT_CAMERA_NAMES[camera],
                               frame_of(i, camera, k), trail + 1, x + right, y + down, WIDTH_PX,
                               HEIGHT_PX);
                p->n_boxes_said++;
            }
        }
    }
}
