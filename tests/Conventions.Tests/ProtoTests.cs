using System.Text.RegularExpressions;

namespace SidecarAgent.Conventions.Tests;

public sealed partial class ProtoTests
{
    private static readonly IReadOnlyList<SourceFile> Protos = [.. SourceTree.Files.Where(file =>
        file.HasExtension(".proto") && file.Path.StartsWith("proto/", StringComparison.Ordinal))];

    /// <summary>
    /// What one call takes and gives is said at the call, a oneof is said by its members, and nobody sends what is
    /// unspecified.
    /// </summary>
    [Fact]
    public void Every_call_message_field_and_value_says_what_it_means()
    {
        Assert.NotEmpty(Protos);
        Offenders.None(Protos.SelectMany(WithoutComment));
    }

    private static IEnumerable<string> WithoutComment(SourceFile file)
    {
        var before = "";
        foreach (var line in file.Lines.Select(line => line.Trim()))
        {
            if (Declaration().IsMatch(line) && !NeedsNone().IsMatch(line)
                && !before.StartsWith("//", StringComparison.Ordinal) && !line.Contains("//", StringComparison.Ordinal))
            {
                yield return $"{file.Path}: {line}";
            }

            before = line;
        }
    }

    [GeneratedRegex(@"^(rpc|message|enum)\s+\w+|^(repeated\s+|optional\s+)?[\w.<>, ]+\s+\w+\s*=\s*\d+\s*(\[.*\])?;|^[A-Z][A-Z0-9_]*\s*=\s*\d+\s*;")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^message\s+\w+(Request|Response)\b|^\w+_UNSPECIFIED\b")]
    private static partial Regex NeedsNone();
}
