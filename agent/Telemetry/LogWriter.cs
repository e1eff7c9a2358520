using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using SidecarAgent.Agent.Configuration;

namespace SidecarAgent.Agent.Telemetry;

/// <summary>
/// Writes log lines to a stream: one line for each message, whatever the message holds, so that no text from outside can
/// forge another. Ours instead of the console logger, which brings a thread and a container of services.
/// </summary>
/// <param name="output">Standard output: standard error is for the one line that says why the program failed.</param>
/// <param name="options">What to write, and how, at first.</param>
/// <param name="time">Dates the lines.</param>
internal sealed class LogWriter(Stream output, LogOptions options, TimeProvider time) : ILoggerProvider
{
    private readonly Lock _lock = new();
    private volatile LogOptions _options = options;

    /// <summary>Ends the writer when it ends itself.</summary>
    public ILoggerFactory CreateFactory() => new LoggerFactory(
        [this],
        // The level is asked for at each line, because it may change.
        new LoggerFilterOptions { MinLevel = LogLevel.Trace });

    /// <summary>From the next line on.</summary>
    public void Use(LogOptions options) => _options = options;

    /// <summary>The text with everything that could end a line, or steer a terminal, made a space.</summary>
    public static string OneLine(string text) => string.Create(text.Length, text, static (line, from) =>
    {
        for (var index = 0; index < line.Length; index++)
            line[index] = char.IsControl(from[index]) || from[index] is '\u2028' or '\u2029' ? ' ' : from[index];
    });

    public ILogger CreateLogger(string categoryName) => new Writer(this, categoryName[(categoryName.LastIndexOf('.') + 1)..]);

    public void Dispose() => output.Dispose();

    private void Write(LogLevel level, string source, string message)
    {
        var bytes = _options.Format is LogFormat.Json ? Json(level, source, message) : Text(level, message);
        lock (_lock)
        {
            output.Write(bytes);
            output.Flush();
        }
    }

    private byte[] Text(LogLevel level, string message)
    {
        var line = new StringBuilder(message.Length + 40)
            .Append(time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture))
            .Append(' ')
            .Append(Name(level).ToUpperInvariant().PadRight(5))
            .Append(' ');
        return Encoding.UTF8.GetBytes(line.Append(OneLine(message)).Append('\n').ToString());
    }

    private byte[] Json(LogLevel level, string source, string message)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("time", time.GetUtcNow());
            json.WriteString("level", Name(level));
            json.WriteString("source", source);
            json.WriteString("message", message);
            json.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        _ => "error",
    };

    private sealed class Writer(LogWriter owner, string source) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is not LogLevel.None && logLevel >= owner._options.Level;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
                return;
            var message = formatter(state, exception);
            owner.Write(logLevel, source, exception is null ? message : $"{message} ({exception.GetType().Name}: {exception.Message})");
        }
    }
}
