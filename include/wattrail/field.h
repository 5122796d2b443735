/* SPDX-License-Identifier: Apache-2.0 */
/** @file field.h Kinds of events and the fields of their data. */
#ifndef WATTRAIL_FIELD_H
#define WATTRAIL_FIELD_H

#include "wattrail/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What an event states. Open: later versions add kinds at the end. */
enum wtr_kind {
    WTR_KIND_POWER_STATE,     /**< the device's relay is stated on or off */
    WTR_KIND_POWER_COMMAND,   /**< somebody asked for a state */
    WTR_KIND_POWER_READING,   /**< power, voltage, current and their relations, as measured */
    WTR_KIND_LOAD_CHANGE,     /**< derived: current began or ceased to be drawn */
    WTR_KIND_ENERGY_COUNTER,  /**< an energy counter's value */
    WTR_KIND_SWITCH_INPUT,    /**< a button or switch input of the device */
    WTR_KIND_SCHEDULE_RULE,   /**< a rule that the device holds */
    WTR_KIND_SCHEDULE_RUN,    /**< a rule that the device ran */
    WTR_KIND_TIMER_SET,       /**< a countdown or pulse that was set */
    WTR_KIND_DEVICE_BOOT,     /**< the device started */
    WTR_KIND_DEVICE_IDENTITY, /**< who the device is: MAC, model, firmware, name */
    WTR_KIND_DEVICE_CONFIG,   /**< a setting of the device, or a command that changes one */
    WTR_KIND_DEVICE_LOCATION, /**< a location stored in the device */
    WTR_KIND_NETWORK_JOIN,    /**< the network that the device is in */
    WTR_KIND_NETWORK_CONTACT, /**< a name or end point that the device reached for */
    WTR_KIND_SESSION_OPEN,    /**< the device opened its session */
    WTR_KIND_SESSION_CLOSE,   /**< the device's session ended */
    WTR_KIND_CLOCK_READING,   /**< what the device thought the time was */
    WTR_KIND_FIRMWARE_UPDATE, /**< a firmware update was asked for or reported */
    WTR_KIND_CREDENTIAL,      /**< a secret seen in the evidence */
    WTR_KIND_TLS_SESSION,     /**< a TLS session */
    WTR_KIND_DEVICE_VALUE, /**< a value that the device gives under a number or name of its own whose meaning
                              is not known */
    WTR_KIND_COUNT         /**< number of kinds known to this version */
};

/** The names under which an event's data stand. Open: later versions add fields at the end. */
enum wtr_field {
    WTR_FIELD_STATE,        /**< "on", "off"; in a command also "toggle" and "blink" */
    WTR_FIELD_POWER_W,      /**< active power, watt */
    WTR_FIELD_VOLTAGE_V,    /**< volt */
    WTR_FIELD_CURRENT_A,    /**< ampere */
    WTR_FIELD_APPARENT_VA,  /**< apparent power, volt-ampere */
    WTR_FIELD_REACTIVE_VAR, /**< reactive power, var */
    WTR_FIELD_POWER_FACTOR, /**< power factor */
    WTR_FIELD_FREQUENCY_HZ, /**< mains frequency, hertz */
    WTR_FIELD_PHASE,        /**< which phase or meter, from 1 */
    WTR_FIELD_ENERGY_WH,    /**< energy, watt-hour */
    WTR_FIELD_SCOPE, /**< what the energy covers: total, today, yesterday, day, month, minute, period */
    WTR_FIELD_DATE,  /**< the day or month that the energy covers, as the device gives it */
    WTR_FIELD_PERIOD_START,  /**< start of what the energy covers, as the device gives it */
    WTR_FIELD_PERIOD_S,      /**< length of what the energy covers, second */
    WTR_FIELD_DIRECTION,     /**< "import" or "export" where the device tells them apart */
    WTR_FIELD_INPUT,         /**< the input's name or number */
    WTR_FIELD_ACTION,        /**< what was done: single_push, long_push, on, off, toggle … */
    WTR_FIELD_COUNT_N,       /**< a counter that the device gives with it */
    WTR_FIELD_VENDOR,        /**< the family's or maker's name */
    WTR_FIELD_MAC,           /**< MAC address, lower case with colons */
    WTR_FIELD_MODEL,         /**< model */
    WTR_FIELD_FIRMWARE,      /**< firmware version */
    WTR_FIELD_NAME,          /**< the name that its owner gave */
    WTR_FIELD_HOSTNAME,      /**< host name */
    WTR_FIELD_DEVICE_ID,     /**< the family's own id */
    WTR_FIELD_IP,            /**< IP address that the device says it has */
    WTR_FIELD_CHANNEL_NAME,  /**< a channel's name */
    WTR_FIELD_SSID,          /**< network name */
    WTR_FIELD_BSSID,         /**< access point's MAC address */
    WTR_FIELD_RSSI_DBM,      /**< signal strength, dBm */
    WTR_FIELD_WIFI_CHANNEL,  /**< radio channel number */
    WTR_FIELD_UPTIME_S,      /**< time since the device started, second */
    WTR_FIELD_DEVICE_TIME,   /**< the device's clock, as it stands there */
    WTR_FIELD_CLOCK_KIND,    /**< utc, local_offset, local_no_zone, uptime, unset */
    WTR_FIELD_REASON,        /**< reason, in the device's or broker's words */
    WTR_FIELD_BOOT_COUNT,    /**< number of starts that the device counted */
    WTR_FIELD_BY,            /**< who closed a session: device, broker */
    WTR_FIELD_CLIENT_ID,     /**< MQTT client id */
    WTR_FIELD_USER,          /**< user name */
    WTR_FIELD_KEEP_ALIVE_S,  /**< keep-alive, second */
    WTR_FIELD_SETTING,       /**< a setting's name */
    WTR_FIELD_VALUE,         /**< a setting's value */
    WTR_FIELD_RULE,          /**< a rule's or timer's name or number */
    WTR_FIELD_ENABLED,       /**< whether a rule is in force */
    WTR_FIELD_AT,            /**< a rule's time of day, as the device holds it */
    WTR_FIELD_MODE,          /**< a rule's kind: clock, sunrise, sunset … */
    WTR_FIELD_DAYS,          /**< a rule's days, as the device holds them */
    WTR_FIELD_REPEAT,        /**< whether a rule repeats */
    WTR_FIELD_WINDOW_MIN,    /**< a rule's random window, minute */
    WTR_FIELD_DURATION_S,    /**< a timer's length, second */
    WTR_FIELD_REMAINING_S,   /**< what remains of a timer, second */
    WTR_FIELD_STARTED,       /**< when a timer started, as the device gives it */
    WTR_FIELD_TEMPERATURE_C, /**< the device's own temperature, degree Celsius */
    WTR_FIELD_LATITUDE,      /**< degree */
    WTR_FIELD_LONGITUDE,     /**< degree */
    WTR_FIELD_TIMEZONE,      /**< time zone, as the device holds it */
    WTR_FIELD_SERVER,        /**< a server's name or address */
    WTR_FIELD_ONLINE,        /**< whether the device is said to be reachable */
    WTR_FIELD_SOURCE_WORD,   /**< the device's own word for what caused a change */
    WTR_FIELD_SECRET,        /**< what a credential is for: wifi, mqtt, account … */
    WTR_FIELD_ON_TIME_S,     /**< how long the relay has been on, as the device counts, second */
    WTR_FIELD_OFFSET_S,      /**< the device's clock less the capture's at that moment, second */
    WTR_FIELD_DESTROYS,      /**< the command destroys what the device has stored */
    WTR_FIELD_ACCOUNT,       /**< the account that the device is bound to, as it stands there */
    WTR_FIELD_PROPERTY,      /**< the device's own number or name of a value */
    WTR_FIELD_PROPERTY_USE,  /**< what that number commonly stands for; not known for this product */
    WTR_FIELD_PRODUCT,       /**< the maker's product key or hardware id */
    WTR_FIELD_PROTOCOL,      /**< the protocol's version, as the device gives it */
    WTR_FIELD_SERIAL,        /**< serial number */
    WTR_FIELD_VENDOR_CLASS,  /**< DHCP vendor class (RFC 2132 9.13) */
    WTR_FIELD_SERVICE,       /**< a service that the device offers */
    WTR_FIELD_RUNTIME_MIN,   /**< how long the relay was on in the scope, minute */
    WTR_FIELD_SERIAL_N,      /**< running number of the device's report */
    WTR_FIELD_STATEMENTS,    /**< how many statements it was derived from */
    WTR_FIELD_MISSED,        /**< reports that the running number shows to be missing before this one */
    WTR_FIELD_VALID_S,       /**< the longest time until the device's next report, as it says, second */
    WTR_FIELD_LAST_CHANGE,   /**< when the device last set the state, by its own clock, as it stands there; to
                                set it as it was may count, too */
    WTR_FIELD_OFFSET_MODULO_S, /**< offset_s is known only up to multiples of this, second: the device gives
                                  its local time without its zone, and zones are quarters of an hour */
    WTR_FIELD_SHOWN_BY,        /**< what in the traffic shows who the device is */
    WTR_FIELD_ANSWER,          /**< the addresses that were given for a name, joined by ", " */
    WTR_FIELD_ROLE,            /**< of a TLS session: the device's, "client" or "server" */
    WTR_FIELD_PEER,            /**< address and port of the other end */
    WTR_FIELD_TRANSPORT,       /**< of a TLS session: "tls", "dtls" or "quic" */
    WTR_FIELD_SNI,             /**< the host name in the ClientHello's server_name */
    WTR_FIELD_TLS_VERSION,     /**< the version that was agreed on */
    WTR_FIELD_CIPHER_SUITE,    /**< IANA's name of the cipher suite that was agreed on, or its number */
    WTR_FIELD_ALPN,            /**< the protocol that was agreed on, where that is in clear */
    WTR_FIELD_RESUMPTION, /**< how an earlier session was resumed: session_id, session_ticket, pre_shared_key
                           */
    WTR_FIELD_PSK_IDENTITY,       /**< the client's identity for a pre-shared key, where it is in clear */
    WTR_FIELD_JA3,                /**< fingerprint of the ClientHello */
    WTR_FIELD_JA3S,               /**< fingerprint of the ServerHello */
    WTR_FIELD_JA4,                /**< fingerprint of the ClientHello */
    WTR_FIELD_CERTIFICATE_SHA256, /**< of the server's certificates in clear, its own first, joined by ", " */
    WTR_FIELD_SPKI_SHA256,        /**< of the public key of the server's own certificate (RFC 7469 2.4) */
    WTR_FIELD_CERTIFICATE_SUBJECT, /**< whom that certificate names */
    WTR_FIELD_CERTIFICATE_ISSUER,  /**< and who issued it */
    WTR_FIELD_CERTIFICATE_SERIAL,  /**< its serial number, hexadecimal */
    WTR_FIELD_NOT_BEFORE,          /**< the beginning of its validity */
    WTR_FIELD_NOT_AFTER,           /**< the end of its validity */
    WTR_FIELD_VALIDITY, /**< where the capture's time lies: "before", "within" or "after" its validity */
    WTR_FIELD_CLIENT_RECORDS, /**< records that the client sent */
    WTR_FIELD_SERVER_RECORDS, /**< records that the server sent */
    WTR_FIELD_CLIENT_BYTES,   /**< bytes of the client's records, with their headers */
    WTR_FIELD_SERVER_BYTES,   /**< bytes of the server's records, with their headers */
    WTR_FIELD_INCOMPLETE,     /**< bytes are missing in the capture: the counts are least ones */
    WTR_FIELD_DECRYPTED,      /**< whether anything enciphered was opened */
    WTR_FIELD_NOT_DECRYPTED,  /**< why what is enciphered, or part of it, was not opened */
    WTR_FIELD_PROVED_BY,      /**< what else in the evidence fits this value and no other: pmk */
    WTR_FIELD_SIGNATURE,      /**< of an inferred event: by which signature it was found */
    WTR_FIELD_TRIGGER_PATH, /**< over what the switching seems to have been asked for: lan, cloud, unknown */
    WTR_FIELD_LIKELIHOOD_RATIO, /**< how much likelier the traffic is if the state is the one that is told
                                   than if it is the other, as far as the counts go */
    WTR_FIELD_CALIBRATION,      /**< the device itself said in clear what this report tells: by such ones the
                                   others are read */
    WTR_FIELD_REQUEST_LENGTH,   /**< length of the record with the device's report, byte */
    WTR_FIELD_RESPONSE_LENGTH,  /**< length of the record with the server's answer, byte */
    WTR_FIELD_CLEAR_ON_N,       /**< reports over this path that the device accounted for in clear as ON */
    WTR_FIELD_CLEAR_OFF_N,      /**< the same for OFF */
    WTR_FIELD_PAIR_N,           /**< of those of the state that is told: how many had these very lengths */
    WTR_FIELD_TRAINED_N,        /**< switchings from which the signature was learned */
    WTR_FIELD_TRAINED_FOUND_N,  /**< how many of them it finds */
    WTR_FIELD_EXPOSURE_S,       /**< time without a switching in which it was tried, second */
    WTR_FIELD_FALSE_N,          /**< how often it was found in that time */
    WTR_FIELD_TRAINED_HERE,     /**< this source is one of those that it was learned from */
    WTR_FIELD_COUNT             /**< number of fields known to this version */
};

/** What set a change or command off. */
enum wtr_trigger {
    WTR_TRIGGER_NONE,    /**< nothing is said */
    WTR_TRIGGER_UNKNOWN, /**< looked for, and not to be told */
    WTR_TRIGGER_BUTTON,
    WTR_TRIGGER_APP,
    WTR_TRIGGER_CLOUD,
    WTR_TRIGGER_VOICE,
    WTR_TRIGGER_SCHEDULE,
    WTR_TRIGGER_TIMER,
    WTR_TRIGGER_RULE,
    WTR_TRIGGER_MQTT,
    WTR_TRIGGER_HTTP,
    WTR_TRIGGER_COAP,
    WTR_TRIGGER_LOCAL, /**< the device itself sent the command */
    WTR_TRIGGER_BOOT,
    WTR_TRIGGER_OVERLOAD,
    WTR_TRIGGER_LAN, /**< a command over the local network in the family's own protocol; by whom is not said
                      */
};

/** What a cause rests on. */
enum wtr_cause_basis {
    WTR_BASIS_NONE,
    WTR_BASIS_DEVICE_WORD,       /**< the device says so itself */
    WTR_BASIS_MATCHED_REQUEST,   /**< the answer to that very request */
    WTR_BASIS_PRECEDING_COMMAND, /**< a fitting command was delivered shortly before */
};

/** "power.state" and so on; NULL for a kind that this version does not know. */
WTR_API const char *wtr_kind_name(enum wtr_kind kind);
/** "power_w" and so on; NULL for a field that this version does not know. */
WTR_API const char *wtr_field_name(enum wtr_field field);
/** "mqtt", "button" and so on; NULL for WTR_TRIGGER_NONE. */
WTR_API const char *wtr_trigger_name(enum wtr_trigger trigger);
/** "preceding_command" and so on; NULL for WTR_BASIS_NONE. */
WTR_API const char *wtr_cause_basis_name(enum wtr_cause_basis basis);

#ifdef __cplusplus
}
#endif

#endif
