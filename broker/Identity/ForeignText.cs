namespace SidecarAgent.Broker.Identity;

/// <summary>Text that somebody outside chose, made fit for a log line or a message.</summary>
internal static class ForeignText
{
    private const int MaxLength = 200;

    /// <summary>
    /// The text with everything but printable ASCII replaced by <c>?</c>, so that it can neither end a line nor steer a
    /// terminal, and cut after 200 characters.
    /// </summary>
    public static string Clean(string text)
    {
        var kept = text.Length <= MaxLength ? text : text[..MaxLength];
        var clean = string.Create(kept.Length, kept, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = source[i] is >= ' ' and <= '~' ? source[i] : '?';
        });
        return text.Length <= MaxLength ? clean : $"{clean}...";
    }
}
