using System.Text.Unicode;

namespace SidecarAgent.Agent.Rendering;

/// <summary>The fields of a secret that go into one file: all, or the one that was asked for.</summary>
internal sealed class FieldSelection
{
    private readonly string _file;
    private readonly SecretData _secret;

    /// <exception cref="RenderException">The secret lacks the wanted field.</exception>
    public FieldSelection(string file, SecretData secret, string? field)
    {
        _file = file;
        _secret = secret;
        Names = field is null ? secret.FieldNames : [field];
        if (field is not null && !secret.TryGetField(field, out _))
            throw Error($"has no field '{field}'; it has {Listed(secret.FieldNames)}");
    }

    /// <summary>Sorted, ordinal.</summary>
    public IReadOnlyCollection<string> Names { get; }

    public ReadOnlySpan<byte> Bytes(string name)
    {
        _secret.TryGetField(name, out var value);
        return value.Span;
    }

    /// <exception cref="RenderException">The field is not UTF-8, so no text format can hold it.</exception>
    public ReadOnlySpan<byte> Text(string name)
    {
        var bytes = Bytes(name);
        return Utf8.IsValid(bytes)
            ? bytes
            : throw Error($"has a field '{name}' that is not UTF-8 text; use the format raw, or base64Encode in a template");
    }

    /// <param name="problem">Goes on after the secret's name: "has no fields".</param>
    public RenderException Error(string problem) => new(_file, $"secret {_secret.Path} {problem}");

    public static string Listed(IReadOnlyCollection<string> names) =>
        names.Count == 0 ? "none" : string.Join(", ", names);
}
