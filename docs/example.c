/* SPDX-License-Identifier: Apache-2.0 */
/* Prints when a capture's plugs were reported on or off: cc example.c $(pkg-config --cflags --libs wattrail)
 */
#include <stdio.h>
#include <wattrail/wattrail.h>

int main(int argc, char **argv)
{
    wtr_case *c = NULL;
    if (argc != 2 || wtr_case_new(&c, NULL) || wtr_case_add_path(c, argv[1]) || wtr_case_run(c) > WTR_PARTIAL)
        return fprintf(stderr, "%s\n", wtr_case_error(c)), 1;
    for (const struct wtr_record *r; wtr_case_next(c, &r) == WTR_OK;)
        if (r->type == WTR_RECORD_EVENT && r->as.event->kind == WTR_KIND_POWER_STATE)
            printf("%lld %.*s\n", (long long)r->as.event->time_ns, (int)r->as.event->message.length,
                   r->as.event->message.data);
    wtr_case_free(c);
}
