namespace SidecarAgent.Broker.Secrets;

/// <summary>A rule for a generated text, such as two digits: so many of its characters are from this set, or more.</summary>
internal readonly record struct AtLeast(int Count, string Characters)
{
    private const char Between = ' ';

    /// <summary>One line, as it is stored.</summary>
    public override string ToString() => $"{Count}{Between}{Characters}";

    /// <param name="line">From <see cref="ToString"/>.</param>
    public static AtLeast Stored(string line)
    {
        var space = line.IndexOf(Between);
        return new AtLeast(int.Parse(line.AsSpan(0, space), System.Globalization.CultureInfo.InvariantCulture), line[(space + 1)..]);
    }
}
