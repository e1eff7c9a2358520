using System.Globalization;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>A version (SemVer 2.0.0); as sprig reads it a "v" may stand before it, and parts may be missing.</summary>
internal sealed record SemanticVersion(long Major, long Minor, long Patch, string Prerelease, string Metadata)
    : IComparable<SemanticVersion>
{
    public static bool TryParse(string text, out SemanticVersion version) => TryParse(text, out version, out _);

    /// <param name="text">What is read.</param>
    /// <param name="version">Missing numbers are 0.</param>
    /// <param name="given">How many numbers there are, 1 to 3.</param>
    public static bool TryParse(string text, out SemanticVersion version, out int given)
    {
        var (rest, metadata) = Cut(text.StartsWith('v') ? text[1..] : text, '+');
        (rest, var prerelease) = Cut(rest, '-');
        var numbers = new long[3];
        var parts = rest.Split('.');
        given = parts.Length;
        var isValid = given <= 3 && AreIdentifiers(prerelease) && AreIdentifiers(metadata);
        for (var i = 0; i < given && isValid; i++)
            isValid = parts[i].Length <= 18 && long.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]);
        version = new(numbers[0], numbers[1], numbers[2], prerelease ?? "", metadata ?? "");
        return isValid;
    }

    /// <summary>By precedence (section 11): what was built from it does not count.</summary>
    public int CompareTo(SemanticVersion? other)
    {
        if (other is null)
            return 1;
        var order = (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));
        if (order != 0)
            return order;
        return (Prerelease.Length, other.Prerelease.Length) switch
        {
            (0, 0) => 0,
            (0, _) => 1,
            (_, 0) => -1,
            _ => Compare(Prerelease.Split('.'), other.Prerelease.Split('.')),
        };
    }

    private static int Compare(string[] left, string[] right)
    {
        for (var i = 0; i < Math.Min(left.Length, right.Length); i++)
        {
            var leftIsNumber = long.TryParse(left[i], NumberStyles.None, CultureInfo.InvariantCulture, out var a);
            var rightIsNumber = long.TryParse(right[i], NumberStyles.None, CultureInfo.InvariantCulture, out var b);
            var order = leftIsNumber && rightIsNumber ? a.CompareTo(b)
                : leftIsNumber != rightIsNumber ? (leftIsNumber ? -1 : 1)
                : string.CompareOrdinal(left[i], right[i]);
            if (order != 0)
                return order;
        }

        return left.Length.CompareTo(right.Length);
    }

    private static (string Before, string? After) Cut(string text, char separator)
    {
        var at = text.IndexOf(separator, StringComparison.Ordinal);
        return at < 0 ? (text, null) : (text[..at], text[(at + 1)..]);
    }

    private static bool AreIdentifiers(string? text) =>
        text is null || text.Split('.').All(part => part.Length > 0 && part.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'));
}
