using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Secrets;

/// <summary>The words for <see cref="FieldClass"/>.</summary>
internal static class FieldClasses
{
    // Whatever is not known to be showable is a secret.
    public static string Name(FieldClass value) => value == FieldClass.Identifier ? "identifier" : "secret";
}
