namespace SidecarAgent.Broker.Secrets;

/// <summary>How large things may be. They stand in the proto files, too.</summary>
internal static class SecretLimits
{
    public const int FieldsPerVersion = 64;
    public const int BytesPerField = 64 * 1024;
    public const int BytesPerVersion = 256 * 1024;
    public const int FieldNameLength = 64;

    /// <summary>What is wrong with a field's name and what was expected; null: nothing.</summary>
    public static string? ProblemOfFieldName(string name)
    {
        if (name.Length is 0 or > FieldNameLength)
            return $"a field's name has 1 to {FieldNameLength} characters, got {name.Length}";
        return name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')
            ? null
            : "a field's name holds only letters, digits, '.', '_' and '-'";
    }
}
