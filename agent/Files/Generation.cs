using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace SidecarAgent.Agent.Files;

/// <summary>
/// One directory with one whole set of files. Its name says all about it: <c>..20260131T235959.999Z.17</c> is number 17,
/// written at that time (UTC).
/// </summary>
/// <param name="Number">Grows by one with each set; starts at one in an empty mount.</param>
/// <param name="Written">When it was begun, to the millisecond.</param>
/// <param name="DirectoryName">Of the directory in the mount.</param>
internal sealed record Generation(long Number, DateTimeOffset Written, string DirectoryName)
{
    private const string TimeFormat = "yyyyMMdd'T'HHmmss'.'fff'Z'";

    public static Generation Create(long number, DateTimeOffset written)
    {
        var name = string.Create(
            CultureInfo.InvariantCulture, $"..{written.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)}.{number}");
        return TryParse(name, out var generation) ? generation : throw new ArgumentOutOfRangeException(nameof(number));
    }

    /// <summary>Only the exact form that <see cref="Create"/> gives; anything else was made by somebody else.</summary>
    public static bool TryParse(string name, [NotNullWhen(true)] out Generation? generation)
    {
        generation = null;
        if (!name.StartsWith("..", StringComparison.Ordinal) || name.LastIndexOf('.') is var dot && dot < 3)
            return false;
        if (!DateTimeOffset.TryParseExact(
                name.AsSpan(2, dot - 2), TimeFormat, CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var written)
            || !long.TryParse(name.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number < 1 || name[dot + 1] == '0')
        {
            return false;
        }

        generation = new Generation(number, written, name);
        return true;
    }
}
