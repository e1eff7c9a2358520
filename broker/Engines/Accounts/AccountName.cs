using System.Security.Cryptography;

namespace SidecarAgent.Broker.Engines.Accounts;

/// <summary>
/// The name of an account on a server: letters, digits, <c>.</c>, <c>_</c>, <c>-</c> and <c>@</c>, beginning with a
/// letter or digit. Nothing that any server's quoting must treat with care gets this far; names are quoted all the same.
/// </summary>
internal sealed record AccountName
{
    /// <summary>What every name begins with that the broker makes up, so that people see whose it is.</summary>
    public const string Prefix = "sa-";

    private const int RandomLength = 20;
    private const string RandomAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
    private const int Longest = 128;

    private AccountName(string value) => Value = value;

    public string Value { get; }

    /// <summary>
    /// <c>sa-ROLE-RANDOM</c>: the role in small letters and shortened to fit, and 100 random bits, so that no name is
    /// ever given twice.
    /// </summary>
    /// <param name="role">Anything; what a name cannot hold is left out.</param>
    /// <param name="maxLength">What the server can take, at least 32.</param>
    public static AccountName Generate(string role, int maxLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 32);
        var kept = string.Concat(role.ToLowerInvariant().Where(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'));
        var room = Math.Min(maxLength, Longest) - Prefix.Length - 1 - RandomLength;
        var shortened = kept.Length <= room ? kept : kept[..room];
        return new AccountName($"{Prefix}{shortened}-{RandomNumberGenerator.GetString(RandomAlphabet, RandomLength)}");
    }

    /// <returns>What is wrong with it and what was expected; null: nothing.</returns>
    public static string? Parse(string text, out AccountName? name)
    {
        name = null;
        if (text.Length is 0 or > Longest)
            return $"an account's name has 1 to {Longest} characters, got {text.Length}";
        if (!char.IsAsciiLetterOrDigit(text[0]) || !text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '@'))
            return "an account's name holds only letters, digits, '.', '_', '-' and '@', and begins with a letter or digit";
        name = new AccountName(text);
        return null;
    }

    /// <summary>A name that was stored by the broker itself.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static AccountName Stored(string text) =>
        Parse(text, out var name) is { } problem ? throw new FormatException(problem) : name!;

    public override string ToString() => Value;
}
