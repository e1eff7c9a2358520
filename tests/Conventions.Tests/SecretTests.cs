using System.Reflection;
using System.Text.RegularExpressions;

namespace SidecarAgent.Conventions.Tests;

/// <summary>
/// Records print all they hold, so a record that holds a value of a secret must say how it prints. Which do is told by the
/// names of their members.
/// </summary>
public sealed partial class SecretTests
{
    [Fact]
    public void Every_record_that_holds_a_secret_prints_as_stars()
    {
        var carriers = OwnTypes.All.Where(IsRecord).Where(HoldsSecret).ToList();

        Assert.NotEmpty(carriers);
        Offenders.None(carriers.Where(type => !SourceOf(type).Any(file => file.Text.Contains("***", StringComparison.Ordinal))).Select(type => type.FullName));
    }

    [Fact]
    public void A_type_that_prints_as_stars_never_adds_a_value()
    {
        var wrong = SourceTree.Product
            .SelectMany(file => file.LinesWhere(line => line.Contains("***", StringComparison.Ordinal) && PrintsValue().IsMatch(line)));
        Offenders.None(wrong);
    }

    private static bool IsRecord(Type type) =>
        type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly) is not null;

    private static bool HoldsSecret(Type type) => type
        .GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        .Any(property => property.Name != "EqualityContract" && (IsText(property.PropertyType)
            ? TextThatIsSecret().IsMatch(property.Name)
            : IsBytes(property.PropertyType) && BytesThatAreSecret().IsMatch(property.Name)));

    private static bool IsText(Type type) => type == typeof(string) || type == typeof(char[]) || type == typeof(ReadOnlyMemory<char>);

    private static bool IsBytes(Type type) =>
        type == typeof(byte[]) || type == typeof(Memory<byte>) || type == typeof(ReadOnlyMemory<byte>) || type.Name == "ByteString";

    private static IEnumerable<SourceFile> SourceOf(Type type) => SourceTree.Product
        .Where(file => Regex.IsMatch(file.Text, $@"\brecord (class |struct )?{Regex.Escape(type.Name.Split('`')[0])}\b"));

    [GeneratedRegex("(Password|Passphrase|Plaintext|PrivateKey|BearerToken|AccessToken|Credential|SecretValue)$|^(Pin|Token|Jwt|Bearer)$")]
    private static partial Regex TextThatIsSecret();

    [GeneratedRegex("(Password|Passphrase|Plaintext|PrivateKey|DataKey|SecretValue)$|^(Content|Value|Kek|Dek|Pin|Token)$")]
    private static partial Regex BytesThatAreSecret();

    [GeneratedRegex(@"\{(Content|Value|Password|Passphrase|Plaintext|PrivateKey|Token|Pin)\b")]
    private static partial Regex PrintsValue();
}
