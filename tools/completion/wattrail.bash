# bash completion for wattrail, as written by 'wattrail help --completion bash'
_wattrail() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} tool=
    ((COMP_CWORD > 1)) && tool=${COMP_WORDS[1]}
    COMPREPLY=()
    case $tool in
    '')
        COMPREPLY=($(compgen -W 'timeline messages devices flash keys learn help --help --version' -- "$current")) ;;
    timeline)
        case $previous in
        --format)
            COMPREPLY=($(compgen -W 'table jsonl csv timesketch l2tcsv tln bodyfile sqlite' -- "$current"))
            return ;;
        --output | -o)
            local IFS=$'\n'
            COMPREPLY=($(compgen -f -- "$current"))
            return ;;
        --kind)
            COMPREPLY=($(compgen -W 'power.state power.command power.reading load.change energy.counter switch.input schedule.rule schedule.run timer.set device.boot device.identity device.config device.location network.join network.contact session.open session.close clock.reading firmware.update credential tls.session device.value' -- "$current"))
            return ;;
        --device)
            return ;;
        --from)
            return ;;
        --to)
            return ;;
        --tz)
            return ;;
        --filter)
            return ;;
        --keys)
            local IFS=$'\n'
            COMPREPLY=($(compgen -f -- "$current"))
            return ;;
        --keylog)
            local IFS=$'\n'
            COMPREPLY=($(compgen -f -- "$current"))
            return ;;
        --rsa-key)
            local IFS=$'\n'
            COMPREPLY=($(compgen -f -- "$current"))
            return ;;
        --signatures)
            local IFS=$'\n'
            COMPREPLY=($(compgen -f -- "$current"))
            return ;;
        --memory)
            return ;;
        --color)
            COMPREPLY=($(compgen -W 'auto always never' -- "$current"))
            return ;;
        esac
        if [[ $current == -* ]]; then
            COMPREPLY=($(compgen -W '--format --output --kind --device --from --to --tz --csv-safe --filter --keys --keylog --rsa-key --include-inferred --signatures --reveal-secrets --memory --color --quiet --no-progress --help --version' -- "$current"))
        else
            local IFS=$'\n'
            COMPREPLY=($(compgen -f -- "$current"))
        fi ;;
    messages)
        case $previous in
        --format)
            COMPREPLY=($(compgen -W 'table jsonl' -- "$current"))
            return ;;
        --output | -o)
            local IFS=$'\n'
            COMPREPLY=($(compgen -f -- "$current"))
            return ;;
        --tz)
            return ;;
        --filter)
            return ;;
        --keys)
            local IFS=$'\n'
            COMPREPLY=($(compgen -f -- "$current"))
            return ;;
        --keylog)
            local IFS=$'\n'
            COMPREPLY=($(compgen -f -- "$current"))
            return ;;
        --rsa-key)
            local IFS=$'\n'
            COMPREPLY=($(compgen -f -- "$current"))
            return ;;
        --memory)
            return ;;
        --color)
            COMPREPLY=($(compgen -W 'auto always never' -- "$current"))
            return ;;
        esac
        if [[ $current == -* ]]; then
            COMPREPLY=($(compgen -W '--format --output --tz --filter --keys --keylog --rsa-key --reveal-secrets --memory --color --quiet --no-progress --help --version' -- "$current"))
        else
            local IFS=$'\n'
            COMPREPLY=($(compgen -f -- "$current"))
        fi ;;
    devices)
        case $previous in
        --format)
            COMPREPLY=($(compgen -W 'table jsonl' -- "$current"))
            return ;;
        --output | -o)
            local IFS=$'\n'
            COMPREPLY=($(compgen -f -- "$current"))
            return ;;
        --tz)
            return ;;
        --filter)
            return ;;
        --keys)
            local IFS=$'\n'
            COMPREPLY=($(compgen -f -- "$current"))
            return ;;
        --keylog)
            local IFS=$'\n'
            COMPREPLY=($(compgen -f -- "$current"))
            return ;;
        --rsa-key)
            local IFS=$'\n'
            COMPREPLY=($(compgen -f -- "$current"))
            return ;;
        --memory)
            return ;;
        --color)
            COMPREPLY=($(compgen -W 'auto always never' -- "$current"))
            return ;;
        esac
        if [[ $current == -* ]]; then
            COMPREPLY=($(compgen -W '--format --output --tz --filter --keys --keylog --rsa-key --reveal-secrets --memory --color --quiet --no-progress --help --version' -- "$current"))
        else
            local IFS=$'\n'
            COMPREPLY=($(compgen -f -- "$current"))
        fi ;;
    flash)
        case $previous in
        --format)
            COMPREPLY=($(compgen -W 'table jsonl' -- "$current"))
            return ;;
        --output | -o)
            local IFS=$'\n'
            COMPREPLY=($(compgen -f -- "$current"))
            return ;;
        --volume)
            return ;;
        --path)
            return ;;
        --state)
            COMPREPLY=($(compgen -W 'live superseded deleted stale' -- "$current"))
            return ;;
        --order)
            return ;;
        --offset)
            return ;;
        --keys)
            local IFS=$'\n'
            COMPREPLY=($(compgen -f -- "$current"))
            return ;;
        --tz)
            return ;;
        --memory)
            return ;;
        --color)
            COMPREPLY=($(compgen -W 'auto always never' -- "$current"))
            return ;;
        esac
        if [[ $current == -* ]]; then
            COMPREPLY=($(compgen -W '--format --output --volume --path --state --order --offset --keys --tz --reveal-secrets --memory --color --quiet --no-progress --help --version' -- "$current"))
        else
            if ((COMP_CWORD == 2)); then
            COMPREPLY=($(compgen -W 'info ls cat' -- "$current"))
            else
            local IFS=$'\n'
            COMPREPLY=($(compgen -f -- "$current"))
            fi
        fi ;;
    keys)
        case $previous in
        --output | -o)
            local IFS=$'\n'
            COMPREPLY=($(compgen -f -- "$current"))
            return ;;
        --keys)
            local IFS=$'\n'
            COMPREPLY=($(compgen -f -- "$current"))
            return ;;
        --memory)
            return ;;
        esac
        if [[ $current == -* ]]; then
            COMPREPLY=($(compgen -W '--output --keys --memory --quiet --no-progress --help --version' -- "$current"))
        else
            local IFS=$'\n'
            COMPREPLY=($(compgen -f -- "$current"))
        fi ;;
    learn)
        case $previous in
        --labels)
            local IFS=$'\n'
            COMPREPLY=($(compgen -f -- "$current"))
            return ;;
        --output | -o)
            local IFS=$'\n'
            COMPREPLY=($(compgen -f -- "$current"))
            return ;;
        --device)
            return ;;
        --keys)
            local IFS=$'\n'
            COMPREPLY=($(compgen -f -- "$current"))
            return ;;
        --filter)
            return ;;
        --memory)
            return ;;
        esac
        if [[ $current == -* ]]; then
            COMPREPLY=($(compgen -W '--labels --output --device --keys --filter --memory --quiet --no-progress --help --version' -- "$current"))
        else
            local IFS=$'\n'
            COMPREPLY=($(compgen -f -- "$current"))
        fi ;;
    help)
        case $previous in
        --completion)
            COMPREPLY=($(compgen -W 'bash zsh fish' -- "$current"))
            return ;;
        esac
        if [[ $current == -* ]]; then
            COMPREPLY=($(compgen -W '--completion --help --version' -- "$current"))
        else
            COMPREPLY=($(compgen -W 'timeline messages devices flash keys learn help' -- "$current"))
        fi ;;
    esac
}
complete -o filenames -F _wattrail wattrail
