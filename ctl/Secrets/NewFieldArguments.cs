using SidecarAgent.Broker.Secrets;
using static SidecarAgent.Ctl.CommandFailedException;

namespace SidecarAgent.Ctl.Secrets;

/// <summary>
/// Reads the arguments of <c>secret put</c> that describe fields. Its messages name fields and positions and never repeat
/// an argument, because any of them may be a value.
/// </summary>
internal static class NewFieldArguments
{
    /// <param name="pairs">NAME=VALUE, NAME=@FILE or NAME=-.</param>
    /// <param name="generated">NAME, NAME=LENGTH, NAME=KIND or NAME=KIND:LENGTH.</param>
    /// <param name="identifiers">Names of fields that may be shown.</param>
    /// <param name="alphabet">For the generated texts; null: the broker's default.</param>
    /// <param name="rules">COUNT:CHARACTERS: what a generated text holds at least.</param>
    /// <returns>The fields, in the order of the arguments.</returns>
    /// <exception cref="CommandFailedException">They do not make a version.</exception>
    public static IReadOnlyList<NewFieldPlan> Parse(
        IReadOnlyList<string> pairs, IReadOnlyList<string> generated, IReadOnlyList<string> identifiers, string? alphabet,
        IReadOnlyList<string> rules)
    {
        if ((alphabet is not null || rules.Count > 0) && generated.Count == 0)
            throw Usage("--alphabet and --at-least are for fields that the broker makes: they need --generate NAME");

        var fields = pairs.Select(Pair)
            .Concat(generated.Select(text => Generated(text, GeneratorArgument.Text(alphabet, rules))))
            .Select(field => new NewFieldPlan(field.Name, identifiers.Contains(field.Name), field.Source))
            .ToList();
        if (fields.Count is 0 or > SecretLimits.FieldsPerVersion)
        {
            throw Usage($"a version has 1 to {SecretLimits.FieldsPerVersion} fields, got {fields.Count}: "
                + "NAME=VALUE, NAME=@FILE, NAME=- or --generate NAME");
        }

        if (fields.FirstOrDefault(f => GeneratorArgument.MakesKeyPair(f.Source) && fields.Any(other => other.Name == $"{f.Name}.pub")) is { } pair)
            throw Usage($"the field '{pair.Name}.pub' is the public key of '{pair.Name}', and made with it");
        if (fields.GroupBy(f => f.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw Usage($"the field '{twice.Key}' is given twice");
        if (fields.Count(f => f.Source is NewFieldSource.StandardInput) > 1)
            throw Usage("only one field can come from standard input (NAME=-); take NAME=@FILE for the others");
        if (identifiers.Any(name => fields.All(f => f.Name != name)))
            throw Usage("--identifier names a field that is not given");
        return fields;
    }

    private static (string Name, NewFieldSource Source) Pair(string text, int index)
    {
        var equals = text.IndexOf('=');
        if (equals < 1)
            throw Usage($"field {index + 1} on the command line is not NAME=VALUE, NAME=@FILE or NAME=-");
        var name = Name(text[..equals], $"field {index + 1} on the command line");
        return (name, text[(equals + 1)..] switch
        {
            // A value that ends with '=', without a name, comes here too: so its "name" is not repeated.
            "" => throw Usage($"field {index + 1} on the command line has nothing after its '='"),
            "-" => new NewFieldSource.StandardInput(),
            "@" => throw Usage($"the field '{name}' has '@' and no file's name"),
            ['@', .. var path] => new NewFieldSource.FromFile(path),
            var value => new NewFieldSource.Inline(value),
        });
    }

    private static (string Name, NewFieldSource Source) Generated(string text, V1.Generator usual)
    {
        var equals = text.IndexOf('=');
        var name = Name(equals < 0 ? text : text[..equals], "a field of --generate");
        var generator = equals < 0 ? usual : GeneratorArgument.Parse(text[(equals + 1)..], usual);
        return GeneratorArgument.Problem(generator) is { } problem
            ? throw Usage($"--generate {name}: {problem}")
            : (name, new NewFieldSource.Generated(generator));
    }

    private static string Name(string name, string what) =>
        SecretLimits.ProblemOfFieldName(name) is { } problem ? throw Usage($"{what}: {problem}") : name;
}
