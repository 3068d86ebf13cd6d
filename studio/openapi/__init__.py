"""The OpenAPI document of REST, made from the rooms' `operations` when somebody asks for it."""
