using System.Text;

namespace SidecarAgent.Quickstart.PodRunner;

/// <summary>
/// Expands <c>$(NAME)</c> in a container's environment, command and arguments by the rules of core/v1: an unknown name
/// stays as it stands, <c>$$</c> is a dollar that begins no reference.
/// </summary>
internal static class VariableReferences
{
    public static string Expand(string text, IReadOnlyDictionary<string, string> variables)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                result.Append(text[i]);
                continue;
            }

            var close = text[i + 1] == '(' ? text.IndexOf(')', i) : -1;
            if (text[i + 1] == '$')
            {
                result.Append('$');
                i++;
            }
            else if (close > 0 && variables.TryGetValue(text[(i + 2)..close], out var value))
            {
                result.Append(value);
                i = close;
            }
            else
            {
                result.Append('$');
            }
        }

        return result.ToString();
    }
}
