using System.Text;
using Google.Protobuf;
using SidecarAgent.V1;
using static SidecarAgent.Ctl.CommandFailedException;
using SecretLimits = SidecarAgent.Broker.Secrets.SecretLimits;

namespace SidecarAgent.Ctl.Secrets;

/// <summary>Fetches the values that the arguments of <c>secret put</c> point to.</summary>
internal sealed class NewFieldValues(Surroundings surroundings, TextWriter error)
{
    /// <exception cref="CommandFailedException">A value is too large, empty, or cannot be read.</exception>
    public IReadOnlyList<NewField> Read(IReadOnlyList<NewFieldPlan> plans)
    {
        var fields = plans.Select(Read).ToList();
        return fields.Sum(f => f.Value.Length) <= SecretLimits.BytesPerVersion
            ? fields
            : throw Failed($"the values have more than {SecretLimits.BytesPerVersion} bytes together, the most for one version");
    }

    private NewField Read(NewFieldPlan plan)
    {
        var field = new NewField
        {
            Name = plan.Name,
            Class = plan.Identifier ? FieldClass.Identifier : FieldClass.Secret,
        };
        if (plan.Source is NewFieldSource.Generated generated)
            field.Generate = generated.Generator;
        else
            field.Value = ByteString.CopyFrom(Value(plan));
        return field;
    }

    private byte[] Value(NewFieldPlan plan)
    {
        var value = plan.Source switch
        {
            NewFieldSource.Inline inline => Inline(plan, inline.Value),
            NewFieldSource.FromFile file => FromFile(plan.Name, file.Path),
            _ => FromInput(plan.Name),
        };
        return value.Length switch
        {
            0 => throw Failed($"the value of '{plan.Name}' is empty"),
            > SecretLimits.BytesPerField =>
                throw Failed($"the value of '{plan.Name}' has more than {SecretLimits.BytesPerField} bytes, the most for a field"),
            _ => value,
        };
    }

    private byte[] Inline(NewFieldPlan plan, string value)
    {
        if (!plan.Identifier)
        {
            error.WriteLine($"warning: the value of '{plan.Name}' stands on the command line, where process lists and the "
                + $"shell's history show it; give {plan.Name}=@FILE or {plan.Name}=- instead");
        }

        return Encoding.UTF8.GetBytes(value);
    }

    private byte[] FromFile(string name, string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return NoteNewline(name, ReadBounded(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed($"the file for '{name}' cannot be read: {e.Message}", e);
        }
    }

    private byte[] FromInput(string name) =>
        surroundings.ReadHidden is { } readHidden
            ? Encoding.UTF8.GetBytes(readHidden($"{name}: "))
            : NoteNewline(name, ReadBounded(surroundings.Input));

    /// <summary>One byte more than allowed is enough to know that it is too large.</summary>
    private static byte[] ReadBounded(Stream stream)
    {
        var buffer = new byte[SecretLimits.BytesPerField + 1];
        return buffer[..stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)];
    }

    /// <summary>Bytes are kept as they are; but a password from <c>echo</c> rarely means its newline.</summary>
    private byte[] NoteNewline(string name, byte[] value)
    {
        if (value is [.. var line, (byte)'\n'] && !line.Contains((byte)'\n'))
        {
            error.WriteLine(
                $"note: the value of '{name}' ends with a newline, which is kept; 'printf %s' and 'echo -n' write none");
        }

        return value;
    }
}
