using System.Globalization;
using SidecarAgent.Broker.Secrets;
using static SidecarAgent.Ctl.CommandFailedException;
using Kinds = SidecarAgent.V1.Generator.Types.Kind;

namespace SidecarAgent.Ctl.Secrets;

/// <summary>Reads what <c>--generate NAME=...</c> asks for: <c>32</c>, <c>hex</c>, <c>hex:16</c>, <c>rsa:4096</c>, <c>ed25519</c>.</summary>
internal static class GeneratorArgument
{
    private static readonly Dictionary<string, Kinds> ByName = new()
    {
        ["hex"] = Kinds.Hex,
        ["base64"] = Kinds.Base64,
        ["uuid"] = Kinds.Uuid,
        ["rsa"] = Kinds.Rsa,
        ["ecdsa-p256"] = Kinds.EcdsaP256,
        ["ecdsa-p384"] = Kinds.EcdsaP384,
        ["ed25519"] = Kinds.Ed25519,
    };

    /// <summary>A text of the usual length.</summary>
    /// <param name="alphabet">Null: the broker's default.</param>
    /// <param name="rules">COUNT:CHARACTERS.</param>
    public static V1.Generator Text(string? alphabet, IEnumerable<string> rules)
    {
        var generator = new V1.Generator { Alphabet = alphabet ?? "" };
        foreach (var rule in rules)
        {
            var colon = rule.IndexOf(':');
            if (colon < 1 || !TryNumber(rule[..colon], out var count))
                throw Usage("--at-least takes COUNT:CHARACTERS, such as 2:0123456789");
            generator.AtLeast.Add(new V1.Generator.Types.AtLeast { Count = count, Characters = rule[(colon + 1)..] });
        }

        return generator;
    }

    /// <param name="text">What follows NAME=.</param>
    /// <param name="usual">For a text: its alphabet and rules.</param>
    public static V1.Generator Parse(string text, V1.Generator usual)
    {
        if (TryNumber(text, out var characters))
            return new V1.Generator(usual) { Length = characters };
        var colon = text.IndexOf(':');
        uint length = 0;
        if (!ByName.TryGetValue(colon < 0 ? text : text[..colon], out var kind) || (colon >= 0 && !TryNumber(text[(colon + 1)..], out length)))
            throw Usage($"--generate takes NAME, NAME=LENGTH, or NAME=KIND[:LENGTH] with one of {string.Join(", ", ByName.Keys)}");
        return new V1.Generator { Kind = kind, Length = length };
    }

    /// <summary>What the broker would find wrong with it; null: nothing.</summary>
    public static string? Problem(V1.Generator generator) => Generator.Of(
        (GeneratorKind)generator.Kind, (int)Math.Min(generator.Length, int.MaxValue), generator.Alphabet,
        [.. generator.AtLeast.Select(rule => new AtLeast((int)Math.Min(rule.Count, int.MaxValue), rule.Characters))]).Problem();

    public static bool MakesKeyPair(NewFieldSource source) =>
        source is NewFieldSource.Generated { Generator.Kind: Kinds.Rsa or Kinds.EcdsaP256 or Kinds.EcdsaP384 or Kinds.Ed25519 };

    private static bool TryNumber(string text, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
