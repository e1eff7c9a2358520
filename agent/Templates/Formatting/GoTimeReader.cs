using System.Globalization;

namespace SidecarAgent.Agent.Templates.Formatting;

/// <summary>Times read as Go's time.Parse reads them, by the same layouts as they are written; what has no zone is UTC.</summary>
internal ref struct GoTimeReader
{
    private ReadOnlySpan<char> _rest;
    private int _year = 1;
    private int _month = 1;
    private int _day = 1;
    private int _dayOfYear;
    private int _hour;
    private int _minute;
    private int _second;
    private long _fractionTicks;
    private bool? _isAfternoon;
    private TimeSpan _offset;

    private GoTimeReader(string text) => _rest = text;

    public static bool TryRead(string text, string layout, out DateTime time)
    {
        time = default;
        var reader = new GoTimeReader(text);
        foreach (var (piece, kind) in GoTimeLayout.Pieces(layout))
        {
            var isRead = kind switch
            {
                GoTimeLayout.PieceKind.Words => reader.TrySkip(piece),
                // The seconds before it have taken it.
                GoTimeLayout.PieceKind.Fraction => true,
                _ => reader.TryReadChunk(piece),
            };
            if (!isRead)
                return false;
        }

        return reader._rest.IsEmpty && reader.TryMake(out time);
    }

    private readonly bool TryMake(out DateTime time)
    {
        time = default;
        var hour = _isAfternoon switch
        {
            true when _hour < 12 => _hour + 12,
            false when _hour == 12 => 0,
            _ => _hour,
        };
        if (_year < 1 || _month is < 1 or > 12 || _day < 1 || _day > DateTime.DaysInMonth(_year, _month)
            || hour > 23 || _minute > 59 || _second > 59 || _dayOfYear > (DateTime.IsLeapYear(_year) ? 366 : 365))
        {
            return false;
        }

        var local = new DateTime(_year, _month, _day, hour, _minute, _second, DateTimeKind.Utc).AddTicks(_fractionTicks);
        if (_dayOfYear > 0)
            local = local.AddDays(_dayOfYear - local.DayOfYear);
        if (local.Ticks < _offset.Ticks || local.Ticks - _offset.Ticks > DateTime.MaxValue.Ticks)
            return false;
        time = local - _offset;
        return true;
    }

    private bool TryReadChunk(string chunk) => chunk switch
    {
        "2006" => TryReadNumber(4, 4, out _year),
        "06" => TryReadNumber(2, 2, out _year) && TryPlaceInCentury(),
        "January" => TryReadName(CultureInfo.InvariantCulture.DateTimeFormat.MonthNames, out _month),
        "Jan" => TryReadName(CultureInfo.InvariantCulture.DateTimeFormat.AbbreviatedMonthNames, out _month),
        "Monday" => TryReadName(CultureInfo.InvariantCulture.DateTimeFormat.DayNames, out _),
        "Mon" => TryReadName(CultureInfo.InvariantCulture.DateTimeFormat.AbbreviatedDayNames, out _),
        "01" => TryReadNumber(2, 2, out _month),
        "1" => TryReadNumber(1, 2, out _month),
        "02" => TryReadNumber(2, 2, out _day),
        "2" => TryReadNumber(1, 2, out _day),
        "_2" => TrySkipSpaces(1) && TryReadNumber(1, 2, out _day),
        "002" => TryReadNumber(3, 3, out _dayOfYear),
        "__2" => TrySkipSpaces(2) && TryReadNumber(1, 3, out _dayOfYear),
        "15" or "3" => TryReadNumber(1, 2, out _hour),
        "03" => TryReadNumber(2, 2, out _hour),
        "04" => TryReadNumber(2, 2, out _minute),
        "4" => TryReadNumber(1, 2, out _minute),
        "05" => TryReadNumber(2, 2, out _second) && TryReadFraction(),
        "5" => TryReadNumber(1, 2, out _second) && TryReadFraction(),
        "PM" or "pm" => TryReadHalfOfDay(),
        "MST" => TrySkip("UTC") || TrySkip("GMT"),
        _ => TryReadOffset(chunk),
    };

    private bool TrySkip(string text)
    {
        if (!_rest.StartsWith(text))
            return false;
        _rest = _rest[text.Length..];
        return true;
    }

    private bool TrySkipSpaces(int max)
    {
        for (var i = 0; i < max && _rest.StartsWith(' '); i++)
            _rest = _rest[1..];
        return true;
    }

    private bool TryReadNumber(int min, int max, out int number)
    {
        var digits = 0;
        while (digits < max && digits < _rest.Length && char.IsAsciiDigit(_rest[digits]))
            digits++;
        number = digits < min ? 0 : int.Parse(_rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture);
        _rest = _rest[digits..];
        return digits >= min;
    }

    /// <summary>As Go has it: 69 is 1969, and 68 is 2068.</summary>
    private bool TryPlaceInCentury()
    {
        _year += _year >= 69 ? 1900 : 2000;
        return true;
    }

    private bool TryReadName(string[] names, out int number)
    {
        for (number = 1; number <= names.Length; number++)
        {
            var name = names[number - 1];
            if (name.Length == 0 || !_rest.StartsWith(name, StringComparison.OrdinalIgnoreCase))
                continue;
            _rest = _rest[name.Length..];
            return true;
        }

        return false;
    }

    private bool TryReadHalfOfDay()
    {
        _isAfternoon = _rest.StartsWith("PM", StringComparison.OrdinalIgnoreCase);
        if (_isAfternoon == false && !_rest.StartsWith("AM", StringComparison.OrdinalIgnoreCase))
            return false;
        _rest = _rest[2..];
        return true;
    }

    /// <summary>Seconds may have a fraction, whether the layout names it or not.</summary>
    private bool TryReadFraction()
    {
        if (_rest.Length < 2 || _rest[0] is not ('.' or ',') || !char.IsAsciiDigit(_rest[1]))
            return true;
        var digits = _rest.Length - 1;
        _rest = _rest[1..];
        if (!TryReadNumber(1, 9, out var number))
            return false;
        _fractionTicks = (long)(number * Math.Pow(10, 7 - (digits - _rest.Length)));
        return true;
    }

    private bool TryReadOffset(string chunk)
    {
        if (chunk[0] == 'Z' && TrySkip("Z"))
            return true;
        var sign = TrySkip("+") ? 1 : TrySkip("-") ? -1 : 0;
        var (minutes, seconds) = (0, 0);
        var hasColon = chunk.Contains(':', StringComparison.Ordinal);
        var parts = (chunk.Length - 1 + (hasColon ? 1 : 0)) / (hasColon ? 3 : 2);
        if (sign == 0 || !TryReadNumber(2, 2, out var hours)
            || (parts > 1 && ((hasColon && !TrySkip(":")) || !TryReadNumber(2, 2, out minutes)))
            || (parts > 2 && ((hasColon && !TrySkip(":")) || !TryReadNumber(2, 2, out seconds)))
            || hours > 24 || minutes > 59 || seconds > 59)
        {
            return false;
        }

        _offset = sign * new TimeSpan(hours, minutes, seconds);
        return true;
    }
}
