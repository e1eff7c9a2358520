using System.Buffers;
using System.Text;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Formatting;

/// <summary>
/// Go's Printf over one format. A mistake in the format is no error: as in Go, %!verb(...) in the output says what it
/// was.
/// </summary>
internal ref struct Printf
{
    private const int TooLarge = 1_000_000;

    private readonly ReadOnlySpan<byte> _format;
    private readonly ReadOnlySpan<Value> _arguments;
    private readonly FormatWriter _writer;
    private int _at;
    private int _argument;
    private bool _reordered;
    private bool _goodIndex;
    private bool _afterIndex;

    private Printf(ReadOnlySpan<byte> format, ReadOnlySpan<Value> arguments, IBufferWriter<byte> output)
    {
        _format = format;
        _arguments = arguments;
        _writer = new FormatWriter(output);
    }

    private readonly bool AtEnd => _at >= _format.Length;

    public static void Write(ReadOnlySpan<byte> format, ReadOnlySpan<Value> arguments, IBufferWriter<byte> output) =>
        new Printf(format, arguments, output).Run();

    private void Run()
    {
        while (!AtEnd)
        {
            var percent = _format[_at..].IndexOf((byte)'%');
            var text = percent < 0 ? _format[_at..] : _format.Slice(_at, percent);
            _writer.Write(text);
            _at += text.Length;
            if (AtEnd)
                break;

            _at++;
            _writer.Flags = default;
            _goodIndex = true;
            _afterIndex = false;
            ReadFlags();
            ReadIndex();
            ReadWidth();
            ReadPrecision();
            if (!_afterIndex)
                ReadIndex();
            WriteVerb();
        }

        WriteExtraArguments();
    }

    private void ReadFlags()
    {
        for (; !AtEnd; _at++)
        {
            switch (_format[_at])
            {
                case (byte)'#': _writer.Flags.Sharp = true; break;
                case (byte)'0': _writer.Flags.Zero = true; break;
                case (byte)'+': _writer.Flags.Plus = true; break;
                case (byte)'-': _writer.Flags.Minus = true; break;
                case (byte)' ': _writer.Flags.Space = true; break;
                default: return;
            }
        }
    }

    /// <summary>[2]: the argument to use next, from 1.</summary>
    private void ReadIndex()
    {
        if (AtEnd || _format[_at] != '[')
        {
            _afterIndex = false;
            return;
        }

        _reordered = true;
        _afterIndex = true;
        // Go looks for a number only if there is room for one and a verb.
        var close = _format.Length - _at < 3 ? -1 : _format[_at..].IndexOf((byte)']');
        var digits = close < 0 ? default : _format[(_at + 1)..(_at + close)];
        var read = 0;
        var index = ReadNumber(digits, ref read);
        _at += close < 0 ? 1 : close + 1;
        if (close >= 0 && read == digits.Length && index is >= 1 && index <= _arguments.Length)
            _argument = index.Value - 1;
        else
            _goodIndex = false;
    }

    private void ReadWidth()
    {
        if (!AtEnd && _format[_at] == '*')
        {
            _at++;
            _writer.Flags.Width = NumberArgument();
            if (_writer.Flags.Width is null)
                _writer.Write("%!(BADWIDTH)"u8);
            if (_writer.Flags.Width < 0)
            {
                _writer.Flags.Width = -_writer.Flags.Width;
                _writer.Flags.Minus = true;
            }

            _afterIndex = false;
            return;
        }

        _writer.Flags.Width = ReadNumber(_format, ref _at);
        if (_afterIndex && _writer.Flags.Width is not null)
            _goodIndex = false;
    }

    private void ReadPrecision()
    {
        if (AtEnd || _format[_at] != '.')
            return;
        _at++;
        if (_afterIndex)
            _goodIndex = false;
        ReadIndex();
        if (!AtEnd && _format[_at] == '*')
        {
            _at++;
            _writer.Flags.Precision = NumberArgument() is >= 0 and var precision ? precision : null;
            if (_writer.Flags.Precision is null)
                _writer.Write("%!(BADPREC)"u8);
            _afterIndex = false;
            return;
        }

        _writer.Flags.Precision = ReadNumber(_format, ref _at) ?? 0;
    }

    private void WriteVerb()
    {
        if (AtEnd)
        {
            _writer.Write("%!(NOVERB)"u8);
            return;
        }

        Rune.DecodeFromUtf8(_format[_at..], out var verb, out var length);
        _at += length;
        if (verb.Value == '%')
        {
            _writer.Write("%"u8);
        }
        else if (!_goodIndex)
        {
            WriteProblem(verb, "(BADINDEX)"u8);
        }
        else if (_argument >= _arguments.Length)
        {
            WriteProblem(verb, "(MISSING)"u8);
        }
        else
        {
            if (verb.Value == 'v')
            {
                _writer.Flags.GoSyntax = _writer.Flags.Sharp;
                _writer.Flags.Sharp = _writer.Flags.Plus = false;
            }

            ValueFormat.Write(_writer, _arguments[_argument++], verb.Value);
        }
    }

    private readonly void WriteProblem(Rune verb, ReadOnlySpan<byte> problem)
    {
        _writer.Write("%!"u8);
        _writer.Write(verb);
        _writer.Write(problem);
    }

    private readonly void WriteExtraArguments()
    {
        // Whoever names arguments by number may leave some out.
        if (_reordered || _argument >= _arguments.Length)
            return;

        _writer.Flags = default;
        _writer.Write("%!(EXTRA "u8);
        for (var i = _argument; i < _arguments.Length; i++)
        {
            if (i > _argument)
                _writer.Write(", "u8);
            if (!_arguments[i].IsNil)
            {
                _writer.Write(_arguments[i].GoType);
                _writer.Write("="u8);
            }

            ValueFormat.Write(_writer, _arguments[i], 'v');
        }

        _writer.Write(")"u8);
    }

    private int? NumberArgument()
    {
        if (_argument >= _arguments.Length)
            return null;
        return _arguments[_argument++] is IntValue { Number: >= -TooLarge and <= TooLarge } number ? (int)number.Number : null;
    }

    /// <returns>Null: no digits there, or too many.</returns>
    private static int? ReadNumber(ReadOnlySpan<byte> text, ref int at)
    {
        int? number = null;
        for (; at < text.Length && char.IsAsciiDigit((char)text[at]); at++)
        {
            number = ((number ?? 0) * 10) + (text[at] - '0');
            if (number > TooLarge)
            {
                at = text.Length;
                return null;
            }
        }

        return number;
    }
}
