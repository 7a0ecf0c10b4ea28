/* The progress bar: one line on stderr that is drawn over, and gone when the run ends.
 *
 * It is drawn only on a terminal that can return to the start of a line (main.c decides), at most
 * ten times a second. The width is asked for before every drawing, so that a window that changes
 * its size needs no signal handler. The library reports from one thread at a time; nothing here is
 * shared.
 *
 * Called through onus_context.progress, and by say.c before a message. It never writes to stdout.
 */
#include "cli.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { WIDTH_DEFAULT = 80, BAR_MAX = 40, STAGE_MAX = 24, LINE_MAX_CHARS = 160 };

static const double DRAW_EVERY_S = 0.1;

/* The one bar of the process: what stands on the terminal now. */
static struct {
    bool stands;
    double drawn_s;
} bar;

double cli_now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int terminal_width(void) {
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        return size.ws_col;
    }
    return WIDTH_DEFAULT;
}

void cli_progress(void *state, const char *stage, uint64_t done, uint64_t total) {
    const cli_env *cli = state;
    if (!cli->progress || total == 0) {
        return;
    }
    const double now = cli_now_s();
    if (bar.stands && now - bar.drawn_s < DRAW_EVERY_S) {
        return;
    }
    const double share = done >= total ? 1.0 : (double)done / (double)total;
    const int room = terminal_width() - STAGE_MAX - 10;
    const int cells = room < 0 ? 0 : room > BAR_MAX ? BAR_MAX : room;
    const int full = (int)(share * cells);
    char drawn[BAR_MAX + 1];
    memset(drawn, '#', (size_t)full);
    memset(drawn + full, '.', (size_t)(cells - full));
    drawn[cells] = '\0';
    fprintf(stderr, "\r\033[K%-*.*s [%s] %3d %%", STAGE_MAX, STAGE_MAX, stage, drawn,
            (int)(share * 100));
    fflush(stderr);
    bar.stands = true;
    bar.drawn_s = now;
}

void cli_progress_clear(void) {
    if (bar.stands) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
        bar.stands = false;
    }
}
