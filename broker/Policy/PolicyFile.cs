namespace SidecarAgent.Broker.Policy;

/// <summary>One file of policies, unread.</summary>
/// <param name="Name">How problems and explanations call it.</param>
/// <param name="Text">YAML.</param>
internal sealed record PolicyFile(string Name, string Text);
