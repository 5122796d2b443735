/* SPDX-License-Identifier: Apache-2.0 */
/* A DHCP message as the members of a JSON object. The fixed fields have the names of RFC 2131 figure 1,
 * options those of RFC 2132 (others: the RFC that is named with them); an option without a name here is shown
 * by its number and bytes. Each code stands once, its pieces joined (RFC 3396). */
#include "base/bytes.h"
#include "protocol/dhcp.h"
#include "protocol/dns.h"
#include "protocol/fields.h"

enum form { BYTES, TEXT, ADDRESSES, NUMBER, SIGNED, FLAG, NUMBERS, CLIENT_ID, FQDN };

static const struct option {
    uint8_t code;
    enum form form;
    const char *name;
} names[] = {
    {1, ADDRESSES, "subnet_mask"},
    {2, SIGNED, "time_offset"},
    {3, ADDRESSES, "router"},
    {4, ADDRESSES, "time_server"},
    {6, ADDRESSES, "domain_name_server"},
    {7, ADDRESSES, "log_server"},
    {WTR_DHCP_HOST_NAME, TEXT, "host_name"},
    {15, TEXT, "domain_name"},
    {23, NUMBER, "default_ip_time_to_live"},
    {26, NUMBER, "interface_mtu"},
    {28, ADDRESSES, "broadcast_address"},
    {31, FLAG, "perform_router_discovery"},
    {33, ADDRESSES, "static_route"},
    {42, ADDRESSES, "network_time_protocol_servers"},
    {43, BYTES, "vendor_specific_information"},
    {44, ADDRESSES, "netbios_name_server"},
    {46, NUMBER, "netbios_node_type"},
    {WTR_DHCP_REQUESTED_ADDRESS, ADDRESSES, "requested_ip_address"},
    {51, NUMBER, "ip_address_lease_time"},
    {WTR_DHCP_OVERLOAD, NUMBER, "option_overload"},
    {WTR_DHCP_MESSAGE_TYPE, NUMBER, "dhcp_message_type"},
    {54, ADDRESSES, "server_identifier"},
    {55, NUMBERS, "parameter_request_list"},
    {56, TEXT, "message"},
    {57, NUMBER, "maximum_dhcp_message_size"},
    {58, NUMBER, "renewal_time_value"},
    {59, NUMBER, "rebinding_time_value"},
    {WTR_DHCP_VENDOR_CLASS, TEXT, "vendor_class_identifier"},
    {WTR_DHCP_CLIENT_ID, CLIENT_ID, "client_identifier"},
    {66, TEXT, "tftp_server_name"},
    {67, TEXT, "bootfile_name"},
    {77, BYTES, "user_class"},              /* RFC 3004 */
    {80, BYTES, "rapid_commit"},            /* RFC 4039 */
    {WTR_DHCP_FQDN, FQDN, "client_fqdn"},   /* RFC 4702 */
    {82, BYTES, "relay_agent_information"}, /* RFC 3046 */
    {108, NUMBER, "ipv6_only_preferred"},   /* RFC 8925 */
    {116, FLAG, "auto_configure"},          /* RFC 2563 */
    {119, BYTES, "domain_search"},          /* RFC 3397 */
    {121, BYTES, "classless_static_route"}, /* RFC 3442 */
};

static const struct option *option_of(uint8_t code)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].code == code)
            return &names[i];
    return NULL;
}

static void put_addresses(struct wtr_json_writer *out, struct wtr_text value)
{
    wtr_json_begin_array(out);
    for (size_t i = 0; i + 4 <= value.length; i += 4) {
        struct wtr_ip ip = wtr_ip_from_v4(value.data + i);
        wtr_json_put_ip(out, &ip);
    }
    wtr_json_end_array(out);
}

static void put_number(struct wtr_json_writer *out, struct wtr_text value, bool is_signed)
{
    const uint8_t *p = (const uint8_t *)value.data;
    uint32_t number = value.length == 1 ? p[0] : value.length == 2 ? wtr_be16(p) : wtr_be32(p);
    if (is_signed)
        wtr_json_put_int(out, (int32_t)number);
    else
        wtr_json_put_uint(out, number);
}

static void put_numbers(struct wtr_json_writer *out, struct wtr_text value)
{
    wtr_json_begin_array(out);
    for (size_t i = 0; i < value.length; i++)
        wtr_json_put_uint(out, (uint8_t)value.data[i]);
    wtr_json_end_array(out);
}

/* RFC 2132 9.14: a type and an identifier; type 1 is a link address. */
static void put_client_id(struct wtr_json_writer *out, struct wtr_text value)
{
    struct wtr_text id = {value.data + 1, value.length - 1};
    wtr_json_begin_object(out);
    wtr_field_uint(out, "type", (uint8_t)value.data[0]);
    wtr_json_key(out, "identifier");
    if (value.data[0] == 1 && id.length == 6)
        wtr_json_put_mac(out, (const uint8_t *)id.data);
    else
        wtr_json_put_hex(out, id);
    wtr_json_end_object(out);
}

/* RFC 4702 2: flags, two result codes, and the name: with the flag E in DNS's own form, else as text. */
static void put_fqdn(struct wtr_json_writer *out, struct wtr_text value)
{
    enum { HEAD = 3, ENCODED = 4 };
    const uint8_t *bytes = (const uint8_t *)value.data;
    struct wtr_text rest = {value.data + HEAD, value.length - HEAD};
    struct wtr_dns_name name;
    wtr_json_begin_object(out);
    wtr_field_uint(out, "flags", bytes[0]);
    wtr_field_uint(out, "rcode1", bytes[1]);
    wtr_field_uint(out, "rcode2", bytes[2]);
    bool decoded =
        bytes[0] & ENCODED && wtr_dns_read_name((const uint8_t *)rest.data, rest.length, 0, &name, NULL);
    wtr_field_bytes(out, "domain_name", decoded ? wtr_dns_name_text(&name) : rest);
    wtr_json_end_object(out);
}

/* The form that the value has: BYTES where its length does not fit its option. */
static enum form form_of(const struct option *option, size_t length)
{
    enum form form = option ? option->form : BYTES;
    bool fits = form == ADDRESSES   ? length > 0 && length % 4 == 0
                : form == NUMBER    ? length == 1 || length == 2 || length == 4
                : form == SIGNED    ? length == 4
                : form == FLAG      ? length == 1
                : form == CLIENT_ID ? length >= 2
                : form == FQDN      ? length >= 3
                                    : true;
    return fits ? form : BYTES;
}

static void put_value(struct wtr_json_writer *out, const struct option *option, struct wtr_text value)
{
    switch (form_of(option, value.length)) {
    case TEXT:
        wtr_json_put_bytes(out, value);
        break;
    case ADDRESSES:
        put_addresses(out, value);
        break;
    case NUMBER:
        put_number(out, value, false);
        break;
    case SIGNED:
        put_number(out, value, true);
        break;
    case FLAG:
        wtr_json_put_bool(out, value.data[0]);
        break;
    case NUMBERS:
        put_numbers(out, value);
        break;
    case CLIENT_ID:
        put_client_id(out, value);
        break;
    case FQDN:
        put_fqdn(out, value);
        break;
    default:
        wtr_json_put_hex(out, value);
    }
}

/* Whether an option before this one has its code. */
static bool is_piece(const struct wtr_dhcp *dhcp, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (dhcp->options[i].code == dhcp->options[index].code)
            return true;
    return false;
}

static void put_option(struct wtr_json_writer *out, const struct wtr_dhcp *dhcp, size_t index)
{
    uint8_t code = dhcp->options[index].code;
    const struct option *option = option_of(code);
    struct wtr_text value = wtr_dhcp_option(dhcp, code);
    struct wtr_buffer joined = {0};
    if (!value.data) {
        for (size_t i = index; i < dhcp->option_count; i++)
            if (dhcp->options[i].code == code)
                wtr_put_text(&joined, dhcp->options[i].value);
        value = joined.data ? wtr_buffer_text(&joined) : WTR_TEXT("");
        out->out->failed |= joined.failed;
    }
    wtr_json_begin_object(out);
    wtr_field_uint(out, "code", code);
    if (option) {
        wtr_json_key(out, "name");
        wtr_json_put_z(out, option->name);
    }
    wtr_json_key(out, "value");
    put_value(out, option, value);
    wtr_json_end_object(out);
    wtr_buffer_free(&joined);
}

static void put_address(struct wtr_json_writer *out, const char *name, const struct wtr_ip *ip)
{
    wtr_json_key(out, name);
    wtr_json_put_ip(out, ip);
}

static void put_fixed(struct wtr_json_writer *out, const struct wtr_dhcp *dhcp)
{
    wtr_field_uint(out, "op", dhcp->op);
    wtr_field_uint(out, "htype", dhcp->htype);
    wtr_field_uint(out, "hlen", dhcp->hlen);
    wtr_field_uint(out, "hops", dhcp->hops);
    wtr_field_uint(out, "xid", dhcp->xid);
    wtr_field_uint(out, "secs", dhcp->secs);
    wtr_field_uint(out, "flags", dhcp->flags);
    put_address(out, "ciaddr", &dhcp->ciaddr);
    put_address(out, "yiaddr", &dhcp->yiaddr);
    put_address(out, "siaddr", &dhcp->siaddr);
    put_address(out, "giaddr", &dhcp->giaddr);
    wtr_json_key(out, "chaddr");
    if (wtr_dhcp_mac(dhcp))
        wtr_json_put_mac(out, wtr_dhcp_mac(dhcp));
    else
        wtr_json_put_hex(out, dhcp->chaddr);
    if (dhcp->sname.length)
        wtr_field_bytes(out, "sname", dhcp->sname);
    if (dhcp->file.length)
        wtr_field_bytes(out, "file", dhcp->file);
}

void wtr_dhcp_fields(const struct wtr_message *message, struct wtr_json_writer *out)
{
    const struct wtr_dhcp *dhcp = message->body;
    put_fixed(out, dhcp);
    wtr_json_key(out, "options");
    wtr_json_begin_array(out);
    for (size_t i = 0; i < dhcp->option_count; i++)
        if (!is_piece(dhcp, i))
            put_option(out, dhcp, i);
    wtr_json_end_array(out);
}
