/* SPDX-License-Identifier: Apache-2.0 */
/* Damage to a small volume: every byte of it changed in turn, and the volume cut at every length. What a
 * format still gives of it as sound must be what it gave of the whole one: the same name with the same value.
 *
 * A line of store_lines.h without its state, order and place is what must hold: bits that say which entry is
 * live have no check in most formats, so a change there may change a state, and never a value. */
#ifndef TEST_FLASH_DAMAGE_H
#define TEST_FLASH_DAMAGE_H

#include "store_lines.h"

#include <criterion/criterion.h>

enum { DAMAGE_FACTS = 256, DAMAGE_FACT = 2560 };

struct damage_facts {
    char fact[DAMAGE_FACTS][DAMAGE_FACT];
    size_t count;
};

/* "path type: value" of a line that is sound; false: it is none. */
static inline bool damage_fact(const char *line, size_t length, char fact[DAMAGE_FACT])
{
    const char *path = memchr(line, ' ', length);
    const char *end = line + length;
    char copy[4096];
    cr_assert_lt(length, sizeof copy);
    memcpy(copy, line, length);
    copy[length] = '\0';
    const char *value = strstr(copy, ": ");
    if (!path || strncmp(line, "finding", 7) == 0 || !value ||
        !(strstr(copy, " ok ") || strstr(copy, " none ")))
        return false;
    const char *path_end = memchr(path + 1, ' ', (size_t)(end - path - 1));
    int n = snprintf(fact, DAMAGE_FACT, "%.*s%s", (int)(path_end - path - 1), path + 1, value);
    cr_assert(n > 0 && n < DAMAGE_FACT);
    return true;
}

static inline void damage_gather(const char *lines, struct damage_facts *facts)
{
    facts->count = 0;
    for (const char *line = lines; *line;) {
        size_t length = strcspn(line, "\n");
        cr_assert_lt(facts->count, DAMAGE_FACTS);
        facts->count += damage_fact(line, length, facts->fact[facts->count]);
        line += length + (line[length] == '\n');
    }
}

static inline bool damage_knows(const struct damage_facts *facts, const char *fact)
{
    for (size_t i = 0; i < facts->count; i++)
        if (strcmp(facts->fact[i], fact) == 0)
            return true;
    return false;
}

/* How many facts of the whole volume the damaged one still gives. Fails where it gives another that `allowed`
 * (may be NULL) does not let pass. */
static inline size_t damage_kept(const struct damage_facts *whole, const struct damage_facts *now,
                                 bool (*allowed)(const char *fact, size_t at), size_t at)
{
    size_t kept = 0;
    for (size_t i = 0; i < now->count; i++) {
        bool known = damage_knows(whole, now->fact[i]);
        cr_assert(known || (allowed && allowed(now->fact[i], at)), "damage at %zu gives: %s", at,
                  now->fact[i]);
        kept += known;
    }
    return kept;
}

/* Changes every byte in turn; `most_lost` facts may go with any of them. */
static inline void damage_flip_all(const struct wtr_flash_format *format, const uint8_t *bytes, size_t length,
                                   size_t most_lost, bool (*allowed)(const char *fact, size_t at))
{
    static struct damage_facts whole, now;
    static struct store_lines lines;
    uint8_t *copy = malloc(length);
    cr_assert_not_null(copy);
    memcpy(copy, bytes, length);
    damage_gather(store_read(&lines, format, copy, length, 0x1000), &whole);
    cr_assert_gt(whole.count, 0);
    for (size_t at = 0; at < length; at++) {
        static const uint8_t masks[] = {0xff, 0x01, 0x80};
        copy[at] = bytes[at] ^ masks[at % 3];
        damage_gather(store_read(&lines, format, copy, length, 0x1000), &now);
        size_t kept = damage_kept(&whole, &now, allowed, at);
        cr_assert_geq(kept + most_lost, whole.count, "a change at %zu loses %zu", at, whole.count - kept);
        copy[at] = bytes[at];
    }
    free(copy);
}

/* Cuts the volume at every length, on memory of just that size. */
static inline void damage_cut_all(const struct wtr_flash_format *format, const uint8_t *bytes, size_t length,
                                  bool (*allowed)(const char *fact, size_t at))
{
    static struct damage_facts whole, now;
    static struct store_lines lines;
    damage_gather(store_read(&lines, format, bytes, length, 0x1000), &whole);
    for (size_t cut = 0; cut < length; cut++) {
        uint8_t *copy = malloc(cut ? cut : 1);
        cr_assert_not_null(copy);
        memcpy(copy, bytes, cut);
        damage_gather(store_read(&lines, format, copy, cut, 0x1000), &now);
        damage_kept(&whole, &now, allowed, cut);
        free(copy);
    }
}

#endif
