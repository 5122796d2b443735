/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes and sector headers of EasyFlash 4 (easyflash/src/ef_env.c) and FlashDB (src/fdb_kvdb.c, fdb_utils.c),
 * as their sources write them.
 *
 * A node is a table of its states, its mark, its length, a CRC-32 over everything behind that, the lengths of
 * name and value, the name, the value. Neither mark nor length are under the checksum, and both follow from
 * the rest: a node that is damaged there alone is still sound. */
#include "flash/env_node.h"

#include "base/bytes.h"

#include <zlib.h>

enum {
    AT_LENGTH = 4, /* these from the mark on */
    AT_CRC = 8,
    AT_NAME_LENGTH = 12,
    AT_VALUE_LENGTH = 16,
};

/* WRITE_GRAN 1, 8 and 32. */
static const struct wtr_env_layout layouts[] = {
    {0, 1, 1, 4, 16, 1, 4, 24},
    {1, 3, 3, 8, 20, 5, 8, 28},
    {4, 12, 12, 24, 36, 20, 20, 40},
};

enum { LAYOUTS = sizeof layouts / sizeof layouts[0] };

static bool marked(const struct wtr_env_layout *layout, const uint8_t *table, unsigned state)
{
    if (layout->unit == 0)
        return (table[(state - 1) / 8] & 0x80u >> (state - 1) % 8) == 0;
    return table[(size_t)(state - 1) * layout->unit] == 0;
}

/* The highest state that is marked, as the store reads it. */
static unsigned status_of(const struct wtr_env_layout *layout, const uint8_t *table, unsigned states)
{
    for (unsigned state = states - 1; state > 0; state--) {
        if (marked(layout, table, state))
            return state;
    }
    return 0;
}

/* Whether nothing stands in the table but marks, and none is missing before the last one other than
 * `may_lack`. */
static bool status_fits(const struct wtr_env_layout *layout, const uint8_t *table, size_t size,
                        unsigned states, unsigned may_lack)
{
    unsigned last = status_of(layout, table, states);
    for (unsigned state = 1; state < last; state++) {
        if (!marked(layout, table, state) && state != may_lack)
            return false;
    }
    if (layout->unit == 0)
        return (table[0] & 0xffu >> (states - 1)) == 0xffu >> (states - 1);
    for (size_t i = 0; i < size; i++) {
        if (table[i] != 0xff && (table[i] != 0 || i % layout->unit != 0))
            return false;
    }
    return true;
}

const struct wtr_env_layout *wtr_env_sector(const struct wtr_env_kind *kind, const uint8_t *bytes,
                                            size_t length, size_t at, unsigned *store)
{
    for (size_t i = 0; i < LAYOUTS && at < length; i++) {
        const struct wtr_env_layout *layout = &layouts[i];
        if (length - at < layout->sector_header ||
            memcmp(bytes + at + layout->sector_magic, kind->sector_magic, 4) != 0)
            continue;
        *store = status_of(layout, bytes + at, WTR_ENV_SECTOR_STATES);
        return layout;
    }
    return NULL;
}

bool wtr_env_erased(const uint8_t *bytes, size_t length)
{
    size_t i = 0;
    while (i < length && bytes[i] == 0xff)
        i++;
    return i == length;
}

static size_t aligned(const struct wtr_env_layout *layout, size_t n)
{
    size_t unit = layout->unit > 1 ? layout->unit : 1;
    return (n + unit - 1) / unit * unit;
}

static bool is_name(struct wtr_text name)
{
    for (size_t i = 0; i < name.length; i++) {
        if (name.data[i] < 0x20 || name.data[i] == 0x7f)
            return false;
    }
    return name.length > 0 && name.length <= WTR_ENV_NAME_MAX;
}

static void read_status(const struct wtr_env_layout *layout, const uint8_t *table, struct wtr_env_node *node)
{
    node->status = status_of(layout, table, WTR_ENV_NODE_STATES);
    node->deleted_outright = node->status == WTR_ENV_DELETED && !marked(layout, table, WTR_ENV_PRE_DELETE);
    node->status_odd = node->status != WTR_ENV_ERR_HDR &&
                       !status_fits(layout, table, layout->status, WTR_ENV_NODE_STATES,
                                    node->status == WTR_ENV_DELETED ? WTR_ENV_PRE_DELETE : 0);
}

/* Reads the node at `at` whatever its mark says. False: what stands there has no room for one. */
static bool read_node(const struct wtr_env_kind *kind, const struct wtr_env_layout *layout,
                      const uint8_t *bytes, size_t at, size_t end, struct wtr_env_node *node)
{
    if (at > end || end - at < layout->node_header)
        return false;
    const uint8_t *mark = bytes + at + layout->node_magic;
    size_t name_length = mark[AT_NAME_LENGTH];
    size_t value_length = wtr_le32(mark + AT_VALUE_LENGTH);
    size_t name_at = at + layout->node_header;
    size_t value_at = name_at + aligned(layout, name_length);
    *node = (struct wtr_env_node){.at = at, .length = layout->node_header};
    read_status(layout, bytes + at, node);
    if (value_at > end || value_length > end - value_at || aligned(layout, value_length) > end - value_at)
        return true;
    size_t whole = value_at + aligned(layout, value_length) - at;
    node->value_at = value_at;
    node->value_length = value_length;
    node->name = wtr_text_of(bytes + name_at, name_length);
    uLong crc = crc32_z(0, mark + AT_NAME_LENGTH, whole - layout->node_magic - AT_NAME_LENGTH);
    node->sound = crc == wtr_le32(mark + AT_CRC) && name_length > 0;
    if (node->sound)
        node->length = whole;
    else if (!is_name(node->name))
        node->name = (struct wtr_text){0};
    node->repaired =
        node->sound && (memcmp(mark, kind->node_magic, 4) != 0 || wtr_le32(mark + AT_LENGTH) != whole);
    return true;
}

bool wtr_env_next(const struct wtr_env_kind *kind, const struct wtr_env_layout *layout, const uint8_t *bytes,
                  size_t from, size_t end, struct wtr_env_node *node)
{
    if (from + layout->node_header <= end && !wtr_env_erased(bytes + from, layout->node_header) &&
        read_node(kind, layout, bytes, from, end, node) && node->sound)
        return true;
    for (size_t at = from + layout->node_magic; at < end && end - at >= 4; at++) {
        const uint8_t *found = memchr(bytes + at, kind->node_magic[0], end - at - 3);
        if (!found)
            return false;
        at = (size_t)(found - bytes);
        if (memcmp(found, kind->node_magic, 4) == 0)
            return read_node(kind, layout, bytes, at - layout->node_magic, end, node);
    }
    return false;
}
